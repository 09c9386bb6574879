"""Ages of data, written like 90d."""

from datetime import timedelta
from math import ceil

from uptime import length_of

_LONGEST_WINDOW = timedelta(weeks=1)


def age(text: str, *, look_back: timedelta) -> timedelta:
    """Return the age in ``text``: a whole number of hours, days or weeks.

    Raises ValueError, with a sentence for people, for any other text and for an age at which
    reports still need data: the longest window, its look-back, and a day to spare.
    """
    length = length_of(text)
    if length is None:
        raise ValueError(f"{text!r} is not an age; write it like 90d, 12w or 720h")
    keep = timedelta(microseconds=length)
    least = ceil((_LONGEST_WINDOW + look_back) / timedelta(days=1)) + 1
    if keep < timedelta(days=least):
        raise ValueError(f"reports look {least - 1} days back; keep at least {least}d")
    return keep
