"""Typed rows into the database: spooled, compared, and only the difference written."""
