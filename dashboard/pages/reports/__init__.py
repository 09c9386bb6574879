"""Reports: requested, followed, previewed, compared."""
