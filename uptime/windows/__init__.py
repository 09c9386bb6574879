"""Which time is asked about (rule 2)."""
