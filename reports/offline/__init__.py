"""Reports from files alone: ``./run report``."""
