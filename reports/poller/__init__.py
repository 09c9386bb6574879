"""The poller's own outages (rules 18 and 19), found once for each version of the data."""
