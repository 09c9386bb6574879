"""A claimed report is loaded, computed, written and completed."""
