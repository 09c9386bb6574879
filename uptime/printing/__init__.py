"""Numbers as text: rounding, the CSV."""
