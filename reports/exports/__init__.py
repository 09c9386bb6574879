"""A complete report in other formats, all made from the stored CSV, so that they agree."""
