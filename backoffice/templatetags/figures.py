"""How the admin's templates write numbers and ages."""

from datetime import datetime, timedelta

from django import template
from django.utils.timesince import timesince

register = template.Library()


@register.filter
def figure(number: int | None) -> str:
    """Return a whole number with its thousands apart, such as ``1,234``; a dash for None."""
    return "-" if number is None else f"{number:,}"


@register.filter
def ago(instant: datetime, now: datetime) -> str:
    """Return how long ago an instant was, in its one largest unit, such as ``3 days ago``."""
    if instant > now:
        return f"{timesince(now, instant, depth=1)} ahead"
    if now - instant < timedelta(minutes=1):
        return f"{(now - instant) // timedelta(seconds=1)} s ago"
    return f"{timesince(instant, now, depth=1)} ago"
