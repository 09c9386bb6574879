"""Pages of a list whose length nobody has to count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

ROWS = 50
# Anything beyond is a made-up address, and the database must be able to count up to it.
_LAST = 100_000


@dataclass(frozen=True, kw_only=True)
class Paged:
    """Up to ``ROWS`` rows of page ``number``, from 1. ``next``, ``previous``: 0 for none."""

    rows: Sequence[Any]
    number: int
    next: int
    previous: int


def page_number(request: "HttpRequest") -> int:
    """Return the page that the address asks for; 1 if it is not a page's number."""
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(_LAST)) else 1
    return max(number, 1)


def places(number: int) -> slice:
    """Return the places of a page's rows, and of one more that tells whether there is a next."""
    start = (number - 1) * ROWS
    return slice(start, start + ROWS + 1)


def paged(rows: Iterable[Any], number: int) -> Paged:
    """Return a page of the rows at its ``places``."""
    found = list(rows)
    following = number + 1 if len(found) > ROWS else 0
    return Paged(rows=found[:ROWS], number=number, next=following, previous=number - 1)
