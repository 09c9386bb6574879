"""What ``./run`` does."""
