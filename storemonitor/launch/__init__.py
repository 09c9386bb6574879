"""The implementation of ``./run``."""
