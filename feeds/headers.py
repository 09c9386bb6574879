"""The header of a file: which feed it is, and where its columns are."""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from feeds import values
from feeds.declared import FEEDS, Feed
from feeds.errors import UnusableFile

DELIMITERS = ",;\t|"
# Far more than any export has. Memory and time for a row grow with them, read or not.
MOST_COLUMNS = 1000
_VALUES = (values.instant, values.status, values.opening_time, values.time_zone, values.date)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits on rows that are otherwise valid.

    latest: a poll after this instant (microseconds of UTC) is rejected for the reason ``too_late``.
    rejected: how many rejected rows get a reason; the others are only counted.
    """

    latest: int = values.LATEST
    too_late: str = ""
    rejected: int = 10_000


@dataclass(frozen=True, kw_only=True)
class Header:
    """A parsed header, with the limits for the rows.

    names: the file's own column names, stripped.
    positions: the indexes of the store id and the feed's columns in ``names``.
    """

    feed: Feed
    delimiter: str
    names: tuple[str, ...]
    positions: tuple[int, ...]
    limits: Limits = field(default_factory=Limits)


def polls_until(now: int, *, hours: int) -> Limits:
    """Return limits that reject polls more than ``hours`` after ``now``, microseconds of UTC."""
    return Limits(
        latest=now + hours * 3600 * values.SECOND,
        too_late=f"is more than {hours} hours ahead of now",
    )


def read_header(line: bytes, *, file: str, expected: str | None = None) -> Header:
    """Return the parsed header line; raise UnusableFile if it does not name one feed.

    ``expected``, the name of a feed, decides if several fit, and refuses any other.
    """
    try:
        text = line.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        raise UnusableFile(f"the header of {file} is not UTF-8 text: save it as UTF-8") from None
    delimiter, names = _split(text)
    if len(names) > MOST_COLUMNS:
        raise UnusableFile(
            f"{file} has {len(names):,} columns, and {MOST_COLUMNS:,} are allowed:"
            " is it really a CSV file?"
        )
    fitting = [feed for feed in FEEDS.values() if _missing(feed, names) == []]
    if not fitting:
        raise UnusableFile(_why_none_fits(file, names, expected))
    feed = _choose(fitting, file, expected)
    positions = tuple(_position(file, names, headers) for headers in feed.headers)
    return Header(feed=feed, delimiter=delimiter, names=tuple(names), positions=positions)


def _split(text: str) -> tuple[str, list[str]]:
    """Return the delimiter that fits a header best, and the names."""
    splits = [(delimiter, _names(text, delimiter)) for delimiter in DELIMITERS]
    widest = max(splits, key=lambda split: len(split[1]))
    if len(widest[1]) > MOST_COLUMNS:
        return widest
    return max(splits, key=lambda split: (_known(split[1]), len(split[1])))


def _names(text: str, delimiter: str) -> list[str]:
    row = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
    return [_printable(name.strip()) for name in row]


def _printable(name: str) -> str:
    """Return a name as messages and records may have it: PostgreSQL, for one, takes no NUL."""
    if name.isprintable():
        return name
    return "".join(
        one if one.isprintable() else " " if one.isspace() else "\N{REPLACEMENT CHARACTER}"
        for one in name
    )


def _known(names: Sequence[str]) -> int:
    """Count the names that are columns of any feed."""
    keys = {_key(name) for name in names}
    return sum(
        any(_key(header) in keys for header in headers)
        for feed in FEEDS.values()
        for headers in feed.headers
    )


def _key(name: str) -> str:
    """Return a column name as it is compared."""
    return re.sub(r"[\s_\-'\"]+", "", name).lower()


def _missing(feed: Feed, names: Sequence[str]) -> list[str]:
    """Return the usual names of a feed's columns that a header lacks."""
    return [headers[0] for headers in feed.headers if not _places(names, headers)]


def _places(names: Sequence[str], headers: tuple[str, ...]) -> list[int]:
    """Return the indexes of a column in a header, under any of its names."""
    keys = {_key(header) for header in headers}
    return [place for place, name in enumerate(names) if _key(name) in keys]


def _position(file: str, names: Sequence[str], headers: tuple[str, ...]) -> int:
    places = _places(names, headers)
    if len(places) > 1:
        twice = " and ".join(names[place] for place in places)
        raise UnusableFile(f"{file} has a column twice: {twice}; remove one of them")
    return places[0]


def _choose(fitting: list[Feed], file: str, expected: str | None) -> Feed:
    names = [feed.name for feed in fitting]
    if expected in names:
        return FEEDS[str(expected)]
    if expected is not None:
        raise UnusableFile(f"{file} was given as {expected}, but has the header of {names[0]}")
    if len(fitting) > 1:
        raise UnusableFile(f"the header of {file} fits {' and '.join(names)}: say which feed it is")
    return fitting[0]


def _why_none_fits(file: str, names: list[str], expected: str | None) -> str:
    found = _quoted(names)
    if not _known(names) and _looks_like_data(names):
        return (
            f"{file} has no header: its first line is data ({found}); "
            f"add one like {_expected(expected)}"
        )
    feeds = [FEEDS[expected]] if expected else list(FEEDS.values())
    nearest = min(feeds, key=lambda feed: len(_missing(feed, names)) / len(feed.headers))
    missing = _missing(nearest, names)
    if len(missing) == len(nearest.headers) or missing == list(_usual(nearest))[1:]:
        return f"{file} has the header {found} where {_expected(expected)} is expected"
    return (
        f"{file} has the header {found}, which lacks {', '.join(missing)} "
        f"of {nearest.name}: {','.join(_usual(nearest))}"
    )


def _quoted(names: list[str]) -> str:
    """Return a header as found, shortened for messages."""
    text = ",".join(names)
    return f"{text[:200]}..." if len(text) > 200 else text


def _usual(feed: Feed) -> tuple[str, ...]:
    return tuple(headers[0] for headers in feed.headers)


def _expected(expected: str | None) -> str:
    """Return the expected headers in words."""
    feeds = [FEEDS[expected]] if expected else FEEDS.values()
    return " or ".join(",".join(_usual(feed)) for feed in feeds)


def _looks_like_data(names: Sequence[str]) -> bool:
    """Tell whether a first line holds values: a number or one of ``_VALUES``."""
    return any(name.isdigit() or _is_value(name) for name in names)


def _is_value(text: str) -> bool:
    for check in _VALUES:
        with suppress(values.BadValue):
            check(text)
            return True
    return False
