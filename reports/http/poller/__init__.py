"""The poller's own outages over HTTP."""
