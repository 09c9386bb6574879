"""If-Match and If-None-Match, by which nobody overwrites what somebody else has changed.

The ETag of a store stands for what PUT and PATCH change; polls leave it as it is. So it is no use
to caches, which are told to ask each time anyway.
"""

from typing import TYPE_CHECKING

from django.utils.http import parse_etags, quote_etag

from fleet.editing import state

if TYPE_CHECKING:
    from rest_framework.request import Request

    from fleet.models import Store

ANY = "*"


def etag(store: "Store") -> str:
    """Return the ETag of a store."""
    return quote_etag(state(store))


def seen(request: "Request") -> "frozenset[str] | None":
    """Return the states that the sender knows, one of which must be there.

    ``ANY`` among them is any state at all; None asks for no check.
    """
    said = request.headers.get("If-Match")
    return None if said is None else frozenset(tag.strip('"') for tag in parse_etags(said))


def must_be_new(request: "Request") -> bool:
    """Tell whether the sender wants nothing done where the store is there already."""
    return ANY in parse_etags(request.headers.get("If-None-Match", ""))
