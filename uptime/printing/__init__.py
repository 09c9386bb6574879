"""Numbers as text: rounding, percentages, the CSV (rules 11 to 13)."""
