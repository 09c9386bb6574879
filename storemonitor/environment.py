"""Whole numbers in the environment, refused at the start where they could only fail later."""

import os

from django.core.exceptions import ImproperlyConfigured


def whole_number(name: str, *, default: int, least: int = 1) -> int:
    """Return the number in an environment variable; one that is empty is one that is not set.

    Raises ImproperlyConfigured where it is no whole number or below ``least``.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = int(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {text!r}, which is no whole number.") from error
    if number < least:
        raise ImproperlyConfigured(f"{name} is {number}; it must be at least {least}.")
    return number
