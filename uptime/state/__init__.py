"""Every store now, hour by hour for a week, and its outages: what a dashboard shows of a fleet."""
