"""Ingestion: files of the feeds become rows."""
