"""Made-up fleets with the quirks of real ones."""
