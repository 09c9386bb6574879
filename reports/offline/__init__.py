"""Reports directly from files: ``./run report``."""
