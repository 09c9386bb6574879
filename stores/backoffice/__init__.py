"""Stores in the admin."""
