"""What differs between two stamps of one report, in sentences."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from reports.stamp.digests import OLDER, kinds_of
from reports.stamp.words import in_order, kind_in_words, length
from uptime.rules import rules_since

_DAYS_NAMED = 10
_NOTHING = {"rows": 0, "digest": f"{0:016x}", "days": {}}
_SETTINGS = {
    "look_back_us": "The look-back (UPTIME_LOOK_BACK_HOURS)",
    "fresh_us": "How near a poll must be to count as measured (UPTIME_FRESH_MINUTES)",
}


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return a sentence for each part of two stamps that differs."""
    is_same_time = then["policy"]["look_back_us"] == now["policy"]["look_back_us"]
    data = _data(then["data"], now["data"])
    if not is_same_time:
        data = (f"{said[:-1]}, read with another look-back." for said in data)
    return list(chain(_versions(then, now), _policy(then, now), data))


def _versions(then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    is_same = then["rules"] == now["rules"]
    if not is_same:
        changes = " ".join(rules_since(then["rules"]))
        yield f"The rules: version {then['rules']} then, {now['rules']} now. {changes}".rstrip()
    if then["core_sha256"] != now["core_sha256"]:
        so = ", by the same version of the rules, so numbers should not differ by it"
        yield f"The core's code is another{so if is_same else ''}."
    if then["tzdata"] != now["tzdata"]:
        yield f"The time zone data: tzdata {then['tzdata']} then, {now['tzdata']} now."


def _policy(then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    before, after = then["policy"], now["policy"]
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one != other:
            known = _SETTINGS.get(name, f"The policy ({name})")
            yield f"{known}: {_value(name, one)} then, {_value(name, other)} now."


def _value(name: str, value: Any) -> str:
    if value is None:
        return "none"
    return length(value) if name.endswith("_us") else str(value)


def _data(then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    if then["method"] != now["method"]:
        yield "The data cannot be compared: their fingerprint was made in another way then."
        return
    for kind in in_order([*kinds_of(then), *kinds_of(now)]):
        # A kind that one of the two versions does not know had no rows there.
        before, after = then.get(kind, _NOTHING), now.get(kind, _NOTHING)
        if (before["rows"], before["digest"]) != (after["rows"], after["digest"]):
            yield f"Data: the {kind_in_words(kind)}{_rows(before, after)}{_where(before, after)}."


def _rows(before: dict[str, Any], after: dict[str, Any]) -> str:
    if before["rows"] == after["rows"]:
        return f" are not the same, {before['rows']:,} rows then and now"
    return f", {before['rows']:,} rows then, {after['rows']:,} now"


def _where(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return the days of UTC whose polls differ."""
    one, other = before.get("days", {}), after.get("days", {})
    days = [day for day in sorted({*one, *other}) if one.get(day) != other.get(day)]
    if not days:
        return ""
    named = ["before that" if day == OLDER else day for day in days[:_DAYS_NAMED]]
    more = f" and {len(days) - _DAYS_NAMED} days more" if len(days) > _DAYS_NAMED else ""
    return f"; they differ on {', '.join(named)}{more} (UTC)"
