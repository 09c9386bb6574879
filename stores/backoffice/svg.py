"""SVG elements, escaped. Styles are not inline: the admin's style sheet uses the classes."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# These have patterns too, so that they can be told apart without colours. A style sheet cannot
# refer to a pattern inside the page.
PATTERNS = {"down": "hatched", "unknown": "dotted", "excluded": "lined"}


class Box(NamedTuple):
    """The position of a rectangle."""

    x: float
    y: float
    width: float
    height: float


def picture(
    pieces: Iterable[SafeString], *, size: tuple[int, int], name: str, title: str, described: str
) -> SafeString:
    """Return a whole picture with a description in words."""
    return format_html(
        '<svg class="picture {2}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}"'
        ' role="img" aria-labelledby="{2}-title {2}-desc"><title id="{2}-title">{3}</title>'
        '<desc id="{2}-desc">{4}</desc>{5}</svg>',
        size[0],
        size[1],
        name,
        title,
        described,
        joined(pieces),
    )


def joined(pieces: Iterable[SafeString]) -> SafeString:
    """Return pieces in a row."""
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def box(place: Box, kind: str, title: str = "") -> SafeString:
    """Return a rectangle of a class, with a title that shows on hover."""
    inside = format_html("<title>{}</title>", title) if title else ""
    fill = format_html(' fill="url(#{})"', PATTERNS[kind]) if kind in PATTERNS else ""
    x, y, width, height = (number(value) for value in place)
    return format_html(
        '<rect class="{}"{} x="{}" y="{}" width="{}" height="{}">{}</rect>',
        *(kind, fill, x, y, width, height, inside),
    )


def words(x: float, y: float, text: str, kind: str) -> SafeString:
    """Return text of a class, with its baseline at ``y``."""
    return format_html('<text class="{}" x="{}" y="{}">{}</text>', kind, number(x), number(y), text)


def strokes(points: Iterable[tuple[float, float, float]], kind: str) -> SafeString:
    """Return vertical strokes as one path; each is x, y and length downwards."""
    steps = " ".join(f"M{number(x)} {number(y)}v{number(length)}" for x, y, length in points)
    return format_html('<path class="{}" d="{}"/>', kind, steps) if steps else SafeString("")


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
