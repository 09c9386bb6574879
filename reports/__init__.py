"""Reports of uptime: requested, computed by workers, stored as files."""
