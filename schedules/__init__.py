"""Schedules: a report each hour, day, week or month, in a time zone."""
