"""How the dashboard writes numbers, lengths of time and instants."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reports.poller.words import scope_in_words
from uptime.instants import from_microseconds
from uptime.open_time.zones import DEFAULT_TIME_ZONE, load_zone
from uptime.windows.elapsed import DAY, HOUR, MINUTE, SECOND

register = template.Library()
register.filter(scope_in_words)

NONE = "\N{EN DASH}"


@register.filter
def figure(number: int | None) -> str:
    """Return a whole number with its thousands apart; a dash for None."""
    return NONE if number is None else f"{number:,}"


@register.filter
def lasting(microseconds: int | None) -> str:
    """Return a length of time in its two largest units, cut, such as ``2 h 05 min``."""
    if microseconds is None:
        return NONE
    length = int(microseconds)
    if length >= DAY:
        return f"{length // DAY} d {length % DAY // HOUR} h"
    if length >= HOUR:
        return f"{length // HOUR} h {length % HOUR // MINUTE:02} min"
    if length >= MINUTE:
        return f"{length // MINUTE} min"
    if length >= SECOND:
        return f"{length // SECOND} s"
    return "less than 1 s" if length else "0 min"


@register.filter
def hours(microseconds: int | None) -> str:
    """Return a length of time in hours with two decimals, cut, such as ``12.25``."""
    if microseconds is None:
        return NONE
    hundredths = int(microseconds) * 100 // HOUR
    return f"{hundredths // 100:,}.{hundredths % 100:02}"


def percent(part: int, whole: int) -> str:
    """Return a share with two decimals, never rounded up; a dash if there is no whole."""
    if not whole:
        return NONE
    # Not by the core's ``percentage``: the time of a whole fleet does not fit into its 64 bits.
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02}\N{NARROW NO-BREAK SPACE}%"


@register.simple_tag
def share(part: int, whole: int) -> str:
    """Return ``percent`` of two lengths of time."""
    return percent(int(part), int(whole))


@register.simple_tag
def instant(at: "int | datetime | None", zone: str = "", form: str = "long") -> SafeString | str:
    """Return an instant in a zone as ``<time>``; a switch on each page shows it in UTC instead.

    ``at``: microseconds of UTC, 0 or None for none, or an aware datetime. ``zone``: a time zone,
    "" for the default of stores without one. ``form``: ``long``, or ``short`` without the year.
    """
    if not at:
        return NONE
    moment = at if isinstance(at, datetime) else from_microseconds(int(at))
    name = zone or DEFAULT_TIME_ZONE
    local, utc = moment.astimezone(load_zone(name)), moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-utc="{}" data-local="{}">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%S}Z",
        f"{written(utc, form)} UTC",
        f"{written(local, form)} {city(name)}",
        f"{written(local, form)} {city(name)}",
    )


def written(moment: datetime, form: str = "long") -> str:
    """Return a moment as ``Wed 25 Jan 2023, 18:13``; ``short`` leaves out the year."""
    return f"{moment:%a %-d %b, %H:%M}" if form == "short" else f"{moment:%a %-d %b %Y, %H:%M}"


def city(zone: str) -> str:
    """Return the readable end of a zone's name: ``New York`` of America/New_York."""
    return zone if zone == "UTC" else zone.rsplit("/", 1)[-1].replace("_", " ") + " time"


@register.filter
def called(store: Any) -> str:
    """Return the name of a store (a row of a snapshot or a model), or its id if it has none."""
    if isinstance(store, dict):
        return str(store["name"] or store["store_id"])
    return str(store.name or store.store_id)


@register.filter
def get(row: dict[str, Any], name: str) -> Any:
    """Return a column of a snapshot's row; templates cannot write names with a space."""
    return row[name]


@register.filter
def uptime_of_week(row: dict[str, Any]) -> str:
    """Return the uptime of a snapshot's row in the last week."""
    return percent(row["up week"], row["up week"] + row["down week"])
