"""Stores over HTTP: list, view, change. Their models are in ``fleet``."""
