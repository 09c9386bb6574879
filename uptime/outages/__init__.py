"""Outages of stores, whole ones with their figures; ``uptime.state`` has those of one week."""
