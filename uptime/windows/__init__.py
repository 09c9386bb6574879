"""Which time is asked about."""
