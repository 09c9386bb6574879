"""Requests for reports: checked and turned into rows."""
