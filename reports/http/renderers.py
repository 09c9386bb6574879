"""The forms of an answer besides JSON."""

from typing import TYPE_CHECKING

from rest_framework.renderers import BaseRenderer

from reports.exports.formats import FORMATS

if TYPE_CHECKING:
    from reports.exports.formats import Format


class StreamedRenderer(BaseRenderer):
    """Stands for a form in content negotiation; what has that form is streamed past it.

    It renders nothing, as its base has it: errors are JSON, and everything else is streamed.
    """


def _renderer(form: "Format") -> type[StreamedRenderer]:
    said = {
        "__doc__": f"Stands for .{form.suffix}.",
        "media_type": form.media_type.partition(";")[0],
        "format": form.suffix,
        "charset": None,
    }
    return type(f"{form.suffix.title()}FileRenderer", (StreamedRenderer,), said)


# The first is what is sent to who likes all alike.
FILE_RENDERERS = [_renderer(form) for form in FORMATS.values()]
CSVRenderer = FILE_RENDERERS[0]
