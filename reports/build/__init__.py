"""Building a claimed report: load, compute, write, complete."""
