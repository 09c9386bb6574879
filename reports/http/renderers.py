"""Response formats besides JSON."""

from typing import TYPE_CHECKING

from rest_framework.renderers import BaseRenderer

from reports.exports.formats import FORMATS

if TYPE_CHECKING:
    from reports.exports.formats import Format


class StreamedRenderer(BaseRenderer):
    """Represents a format in content negotiation; the content itself is streamed past it.

    It renders nothing, like its base: errors are JSON, and everything else is streamed.
    """


def _renderer(form: "Format") -> type[StreamedRenderer]:
    said = {
        "__doc__": f"Represents .{form.suffix}.",
        "media_type": form.media_type.partition(";")[0],
        "format": form.suffix,
        "charset": None,
    }
    return type(f"{form.suffix.title()}FileRenderer", (StreamedRenderer,), said)


# The first is sent to clients without a preference.
FILE_RENDERERS = [_renderer(form) for form in FORMATS.values()]
CSVRenderer = FILE_RENDERERS[0]
