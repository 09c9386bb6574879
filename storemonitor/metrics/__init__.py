"""``/metrics``: the state of the installation for Prometheus, read when it asks."""
