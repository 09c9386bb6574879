"""Texts that a spreadsheet would run as a formula, and how a CSV keeps it from doing so."""

from collections.abc import Iterable

# What a formula begins with, in wide letters and after a byte order mark too, and the apostrophe,
# so that taking one off is always right.
_WIDE = "\uff1d\uff0b\uff0d\uff20\ufeff"
_STARTS = frozenset("=+-@\t\r\n'" + _WIDE)
# What was written for such an id, as a regular expression; its one group is where the id begins.
DEFUSED = r"^'([=+\-@\t\r\n'" + _WIDE + "])"


def defused(texts: Iterable[str]) -> list[str]:
    """Return the texts, with an apostrophe before each that begins like a formula or with one."""
    return [f"'{text}" if text[:1] in _STARTS else text for text in texts]
