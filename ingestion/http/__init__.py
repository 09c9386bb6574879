"""Ingestion over HTTP."""
