"""Intervals that come again: an RFC 5545 rule, a local start, a duration and a time zone.

The rule is evaluated for a range of days at once, and for many recurrences at once, so its text
never decides what it costs. python-dateutil's generator steps from one occurrence to the next: a
rule that never occurs keeps it busy to the year 9999, for ten seconds if it is daily.
"""
