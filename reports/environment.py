"""Whole numbers in the environment: the one way in which the server and ``./run report`` read them.

Without Django, which ``./run report`` does without.
"""

import os


class UnusableSetting(ValueError):
    """A setting that says nothing usable; the text names it and says why."""


def whole_number(name: str, *, default: int, least: int = 1) -> int:
    """Return the number in an environment variable; one that is empty is one that is not set.

    Raises UnusableSetting where it is no whole number or below ``least``.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = int(text)
    except ValueError as error:
        raise UnusableSetting(f"{name} is {text!r}, which is no whole number.") from error
    if number < least:
        raise UnusableSetting(f"{name} is {number}; it must be at least {least}.")
    return number
