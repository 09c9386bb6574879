"""When nobody polled the stores of a report, in sentences."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from reports.models import PollerOutages, Report

_NAMED = 12
_WINDOWS = {"1h": "last hour", "24h": "last day", "7d": "last week"}


def sentences(report: Report) -> list[str]:
    """Return sentences for people; none if polls came as usual, or if it is not known."""
    said = report.nobody_polled
    return list(_sentences(report, said)) if said and said["outages"] else []


def scope_in_words(scope: str) -> str:
    """Return the scope of a poller outage, such as ``the time zone America/New_York``."""
    kind, _, name = scope.partition(":")
    return {"zone": f"the time zone {name}", "tag": f"the tag {name}"}.get(kind, "the whole fleet")


def _sentences(report: Report, said: dict[str, Any]) -> Iterator[str]:
    named = [_outage(one) for one in said["outages"][:_NAMED]]
    left = len(said["outages"]) - _NAMED
    more = f"; and {left} times more" if left > 0 else ""
    yield f"Nobody was polled {'; '.join(named)}{more} (UTC)."
    shares = [_share(one) for one in said["windows"] if one["in_outages_us"]]
    if shares:
        is_unknown = report.poller_outages == PollerOutages.UNKNOWN
        became = "is unknown because of it" if is_unknown else "was filled across it"
        yield f"{', '.join(shares)} {became}."


def _outage(one: dict[str, Any]) -> str:
    until = f"to {_text(one['to'])}" if one["to"] else "on"
    where = "" if one["scope"] == "fleet" else f" in {scope_in_words(one['scope'])}"
    return f"from {_text(one['from'])} {until}{where}"


def _share(one: dict[str, Any]) -> str:
    share = share_of_open_time(one["in_outages_us"], one["open_us"], one["window"])
    return share[:1].upper() + share[1:]


def share_of_open_time(part: int, whole: int, window: str) -> str:
    """Return such as ``21.4 % of the open time of the last week``, never rounded up."""
    tenths = part * 1000 // whole
    share = f"{tenths // 10}.{tenths % 10} %" if tenths else "less than 0.1 %"
    return f"{share} of the open time of the {_WINDOWS.get(window, f'window {window}')}"


def _text(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%-d %b %Y %H:%M}"
