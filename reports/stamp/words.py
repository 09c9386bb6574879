"""A stamp in words, for pages."""

from collections.abc import Iterable, Iterator
from typing import Any

from reports.stamp.digests import kinds_of
from uptime.windows.elapsed import HOUR, MINUTE

NO_STAMP = (
    "The report has no stamp: it was made before reports kept one, or in parts by different"
    " versions of the software or different settings."
)
KINDS = {
    "stores": "stores and their time zones",
    "business_hours": "business hours",
    "special_days": "special days",
    "exclusions": "excluded times",
    "tags": "tags of stores",
    "polls": "polls",
    "silences": "silences of the poller",
}
NOT_KNOWN_THEN = "not known to the version that made it"
_FILLED = {"nearest": "as at the nearest poll"}
_OUTAGES = {"fill": "filled like any other time", "unknown": "unknown"}


def described(stamp: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a stamp says as names and texts."""
    policy, data = stamp["policy"], stamp["data"]
    fresh = policy["fresh_us"]
    return [
        ("Between two polls", _FILLED[policy["filling"]] + _limit(policy["max_gap_us"])),
        ("Polls count from", f"{length(policy['look_back_us'])} before the first window"),
        *([("Measured, not filled", f"up to {length(fresh)} from a poll")] if fresh else []),
        ("Store without business hours", policy["store_without_business_hours"]),
        ("Weekday without business hours", policy["weekday_without_business_hours"]),
        ("Store without a time zone", f"in {policy['store_without_time_zone']}"),
        ("Time in which nobody polled", _OUTAGES[policy["poller_outages"]]),
        ("Special days", policy.get("special_days", NOT_KNOWN_THEN)),
        ("Excluded time", policy.get("exclusions", NOT_KNOWN_THEN)),
        ("Rules", f"version {stamp['rules']}"),
        ("Core", _beginning(stamp["core_sha256"])),
        ("Time zone data", f"tzdata {stamp['tzdata']}"),
        ("Data", f"{', '.join(_read(data))}; {_beginning(data['sha256'])}"),
    ]


def in_order(kinds: Iterable[str]) -> list[str]:
    """Return kinds of rows once each, those that this version does not know last."""
    known = list(KINDS)
    return sorted(set(kinds), key=lambda kind: (known.index(kind) if kind in KINDS else 99, kind))


def kind_in_words(kind: str) -> str:
    """Return the name of a kind of rows; one that a later version added has its own."""
    return KINDS.get(kind, kind.replace("_", " "))


def length(microseconds: int) -> str:
    """Return such as ``24 h`` or ``90 min``; what is read back is exact to the minute."""
    if microseconds % HOUR:
        return f"{microseconds // MINUTE} min"
    return f"{microseconds // HOUR} h"


def _beginning(sha256: str) -> str:
    """Return enough of it to compare by eye; the API has all of it."""
    return f"SHA-256 {sha256[:12]}…"


def _limit(max_gap: int | None) -> str:
    return "" if max_gap is None else f", unknown if farther than {length(max_gap)}"


def _read(data: dict[str, Any]) -> Iterator[str]:
    for kind in in_order(kinds_of(data)):
        if data[kind]["rows"]:
            yield f"{data[kind]['rows']:,} {kind_in_words(kind)}"
