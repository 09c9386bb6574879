"""Which polls count, what they say between them, and how far to trust it."""
