"""Shared parts of the admin."""
