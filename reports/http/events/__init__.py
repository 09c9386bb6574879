"""The progress of reports as server-sent events."""
