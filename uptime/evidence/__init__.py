"""Which polls count, what they say between them, how far to trust it (rules 6 to 9, 14 to 17)."""
