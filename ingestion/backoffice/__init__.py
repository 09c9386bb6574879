"""Ingestions and uploads in the admin."""
