"""Stores over HTTP: found, looked at, changed. Their models are those of ``ingestion``."""
