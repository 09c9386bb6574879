"""One store at every instant."""
