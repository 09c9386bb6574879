"""Parsing: the bytes of a file become typed columns and rejected rows."""
