"""Texts that a spreadsheet would run as a formula, and how a CSV prevents it."""

from collections.abc import Iterable

# A formula begins with these, also in wide letters and after a byte order mark. The apostrophe is
# included so that removing one is always right.
_WIDE = "\uff1d\uff0b\uff0d\uff20\ufeff"
_STARTS = frozenset("=+-@\t\r\n'" + _WIDE)
# Matches an id with an added apostrophe; the group is where the original id begins.
DEFUSED = r"^'([=+\-@\t\r\n'" + _WIDE + "])"


def defused(texts: Iterable[str]) -> list[str]:
    """Return the texts, adding an apostrophe before those that begin like a formula or with one."""
    return [f"'{text}" if text[:1] in _STARTS else text for text in texts]
