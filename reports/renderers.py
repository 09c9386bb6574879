"""Which form of an answer was asked for."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class CSVRenderer(BaseRenderer):
    """Stands for CSV in content negotiation; stored files are streamed past it."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: "Mapping[str, Any] | None" = None,
    ) -> bytes:
        """Refuse: errors are JSON, and everything else is a file."""
        raise NotImplementedError


class Negotiation(DefaultContentNegotiation):
    """An unknown ``?format=`` is a mistake in the request, not a missing page."""

    def filter_renderers(
        self,
        renderers: "Iterable[BaseRenderer]",
        format: str,  # noqa: A002 (DRF's name)
    ) -> list[BaseRenderer]:
        """Return the renderers of ``format``; ParseError where there are none."""
        known = {renderer.format: renderer for renderer in renderers}
        if format not in known:
            raise ParseError(f"format must be one of: {', '.join(known)}.")
        return [known[format]]
