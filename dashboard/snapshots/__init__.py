"""Snapshots of the fleet: made by a worker for each version of the data, read by all pages."""
