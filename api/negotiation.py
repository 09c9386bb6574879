"""Content negotiation: which format was asked for."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.settings import api_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request


class Negotiation(DefaultContentNegotiation):
    """An unknown or blank ``?format=`` is an invalid request, not a missing page."""

    def select_renderer(
        self,
        request: "Request",
        renderers: "Iterable[BaseRenderer]",
        format_suffix: str | None = None,
    ) -> "tuple[BaseRenderer, str]":
        """Return the renderer and its media type; ParseError for an unknown ``?format=``."""
        # DRF treats a blank format as none.
        if (said := asked_format(request)) is not None:
            self.filter_renderers(renderers, said)
        chosen: tuple[BaseRenderer, str] = super().select_renderer(
            request, renderers, format_suffix
        )
        return chosen

    def filter_renderers(
        self,
        renderers: "Iterable[BaseRenderer]",
        format: str,  # noqa: A002 (DRF's name)
    ) -> "list[BaseRenderer]":
        """Return the renderers of ``format``; ParseError if there are none."""
        known = {renderer.format: renderer for renderer in renderers}
        if format not in known:
            raise ParseError(f"format must be one of: {', '.join(known)}.")
        return [known[format]]


def asked_format(request: "Request") -> str | None:
    """Return the value of ``?format=``, which may be empty; None without one."""
    said: str | None = request.query_params.get(str(api_settings.URL_FORMAT_OVERRIDE))
    return said
