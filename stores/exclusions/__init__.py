"""Exclusions over HTTP and in the admin."""
