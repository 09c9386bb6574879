"""Which form of an answer was asked for."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.renderers import BaseRenderer


class Negotiation(DefaultContentNegotiation):
    """An unknown ``?format=`` is a mistake in the request, not a missing page."""

    def filter_renderers(
        self,
        renderers: "Iterable[BaseRenderer]",
        format: str,  # noqa: A002 (DRF's name)
    ) -> "list[BaseRenderer]":
        """Return the renderers of ``format``; ParseError where there are none."""
        known = {renderer.format: renderer for renderer in renderers}
        if format not in known:
            raise ParseError(f"format must be one of: {', '.join(known)}.")
        return [known[format]]
