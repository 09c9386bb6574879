"""A bar of up, down and unknown time: lengths are shares of the open time that counts."""

from typing import Protocol

from django.utils.html import format_html
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT = 200, 14


class Shares(Protocol):
    """Lengths of time that add up to the open time that is not excluded."""

    @property
    def up(self) -> int: ...
    @property
    def down(self) -> int: ...
    @property
    def unknown(self) -> int: ...


def share_bar(total: Shares) -> SafeString:
    """Return the bar; the numbers stand beside it, so it is hidden from screen readers.

    Down is as high as the bar, up lower, unknown an outline: they differ without colours too.
    """
    whole = total.up + total.down + total.unknown
    if not whole:
        return SafeString("")
    up, down = (_WIDTH * part / whole for part in (total.up, total.down))
    return format_html(
        '<svg class="shares" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true"'
        ' preserveAspectRatio="none"><rect class="fill-up" y="3" width="{2}" height="{3}"/>'
        '<rect class="fill-down" x="{2}" width="{4}" height="{1}"/>'
        '<rect class="outline-unknown" x="{5}" y="3.5" width="{6}" height="{7}"/></svg>',
        *(_WIDTH, _HEIGHT, f"{up:.2f}", _HEIGHT - 6, f"{down:.2f}"),
        *(f"{up + down:.2f}", f"{_WIDTH - up - down:.2f}", _HEIGHT - 7),
    )
