"""Valid names, tags and reasons: text in, text to store or a reason out.

As in ``values``, these functions are the specification, for feeds and for the API.
"""

import re
from collections.abc import Iterable

from feeds.values import BadValue

LONGEST_NAME = 200
LONGEST_TAG = 50
LONGEST_REASON = 200
MOST_TAGS = 20
BETWEEN_TAGS = ";"

_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Joiners are allowed: some scripts need them.
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]"
)


def store_name(text: str) -> str:
    """Return a name without surrounding spaces; empty text means no name.

    Raises BadValue above 200 characters, and for characters that do not print.
    """
    return _printable_up_to(LONGEST_NAME, text)


def reason(text: str) -> str:
    """Return the reason of a special day, like ``store_name``; empty text means none is given."""
    return _printable_up_to(LONGEST_REASON, text)


def tag(text: str) -> str:
    """Return a tag without surrounding spaces: 1 to 50 characters that print, none of them ";"."""
    stripped = printable(text)
    if not stripped:
        raise BadValue("has a blank tag")
    if len(stripped) > LONGEST_TAG:
        raise BadValue(f"has a tag of more than {LONGEST_TAG} characters")
    if BETWEEN_TAGS in stripped:
        raise BadValue('has a tag that contains ";"')
    return stripped


def distinct_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct tags, sorted. Raises BadValue for a bad tag and for more than 20."""
    tags = tuple(sorted({tag(text) for text in texts}))
    if len(tags) > MOST_TAGS:
        raise BadValue(f"has more than {MOST_TAGS} tags")
    return tags


def tags(text: str) -> str:
    """Return ``distinct_tags`` joined by ";"; empty text means no tags."""
    return BETWEEN_TAGS.join(
        distinct_tags(printable(text).split(BETWEEN_TAGS) if text.strip() else ())
    )


def split_tags(text: str) -> tuple[str, ...]:
    """Return the tags that ``tags`` joined."""
    return tuple(text.split(BETWEEN_TAGS)) if text else ()


def _printable_up_to(longest: int, text: str) -> str:
    stripped = printable(text)
    if len(stripped) > longest:
        raise BadValue(f"is longer than {longest} characters")
    return stripped


def printable(text: str) -> str:
    """Return text without surrounding spaces; raises BadValue for characters that do not print."""
    if _SURROGATE.search(text):
        raise BadValue("is not UTF-8 text")
    stripped = text.strip()
    if _CONTROL.search(stripped):
        raise BadValue("has characters that cannot be printed")
    return stripped
