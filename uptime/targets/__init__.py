"""Targets for uptime: which apply to a store, whether they are met, what may still be lost."""
