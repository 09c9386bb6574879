"""Targets for uptime: percentages that stores should reach."""
