"""The forms of an answer besides JSON."""

from typing import TYPE_CHECKING, Any

from rest_framework.renderers import BaseRenderer

if TYPE_CHECKING:
    from collections.abc import Mapping


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
