"""Whole numbers from the environment, as the server and ``./run report`` read them.

Needs no Django, since ``./run report`` does not.
"""

import os


class UnusableSetting(ValueError):
    """An invalid setting; the text names it and says why."""


def whole_number(name: str, *, default: int, least: int = 1) -> int:
    """Return the number in an environment variable; an empty one counts as unset.

    Raises UnusableSetting for anything but a whole number of at least ``least``.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = int(text)
    except ValueError as error:
        raise UnusableSetting(f"{name} is {text!r}, which is not a whole number.") from error
    if number < least:
        raise UnusableSetting(f"{name} is {number}; it must be at least {least}.")
    return number
