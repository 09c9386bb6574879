"""Reports of uptime: requested, computed by workers, kept as files."""
