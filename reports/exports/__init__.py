"""A complete report in other forms: all of them from the one stored CSV, so that they agree."""
