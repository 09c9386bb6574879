"""Lengths of open time: never in days, which would mean 24 hours of it."""

from django import template

from dashboard.templatetags.words import NONE
from dashboard.templatetags.words import lasting as in_days
from uptime.windows.elapsed import HOUR, MINUTE

register = template.Library()


@register.filter
def open_lasting(microseconds: int | None) -> str:
    """Return a length of time in hours and minutes, cut, such as ``40 h 58 min``."""
    if microseconds is None:
        return NONE
    length = int(microseconds)
    if length < HOUR:
        return in_days(length)
    return f"{length // HOUR:,} h {length % HOUR // MINUTE:02} min"
