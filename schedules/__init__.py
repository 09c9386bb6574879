"""Schedules: a report each hour, day, week or month by the clock of a time zone."""
