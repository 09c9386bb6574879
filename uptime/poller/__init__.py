"""The poller's own outages, found in the polls (rules 18 and 19)."""
