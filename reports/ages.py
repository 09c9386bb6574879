"""Ages of data, written like 90d."""

import re
from datetime import timedelta
from math import ceil

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_LONGEST_WINDOW = timedelta(weeks=1)


def age(text: str, *, look_back: timedelta) -> timedelta:
    """Return the age that ``text`` says: a whole number of hours, days or weeks.

    Raises ValueError, with a sentence for people, for any other text and for an age at which
    reports still need data: the longest window, the look-back before it, and a day to spare.
    """
    match = re.fullmatch(r"(\d{1,6})([hdw])", text, flags=re.ASCII)
    if match is None:
        raise ValueError(f"{text!r} is no age; write it like 90d, 12w or 720h")
    keep = timedelta(**{_UNITS[match[2]]: int(match[1])})
    least = ceil((_LONGEST_WINDOW + look_back) / timedelta(days=1)) + 1
    if keep < timedelta(days=least):
        raise ValueError(f"reports look {least - 1} days back; keep at least {least}d")
    return keep
