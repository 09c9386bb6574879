"""Exclusions: time that counts for neither side of a share (rule 21)."""
