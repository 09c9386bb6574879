"""One store at every instant of a stretch of time."""
