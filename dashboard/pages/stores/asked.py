"""What the address asks of the list of stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from uptime.state.now import STATES

NO_ZONE = "none"
SIZES = (50, 100, 200)
LONGEST_SEARCH = 200

# What a list can be sorted by, and whether the first press puts the largest first.
SORTS = {
    "name": False,
    "state": True,
    "since": False,
    "hour": False,
    "day": False,
    "week": False,
    "down": True,
    "coverage": False,
    "outages": True,
    "longest": True,
    "last_poll": False,
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Everything but ``search`` is valid, or as by default. ``sort`` may begin with ``-``."""

    search: str = ""
    state: str = ""
    zone: str = ""
    tag: str = ""
    polled: str = ""
    sort: str = "name"
    page: int = 1
    size: int = SIZES[0]

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def address(self, **changes: str | int) -> str:
        """Return the query string of this list with some changes; the first page if they matter."""
        kept = {**vars(self), **changes}
        if "page" not in changes:
            kept["page"] = 1
        usual = vars(Asked())
        return urlencode({name: value for name, value in kept.items() if value != usual[name]})

    def sorted_by(self, column: str) -> str:
        """Return the query string of the list sorted by a column, the other way if it is."""
        if column == self.column:
            return self.address(sort=column if self.descending else f"-{column}")
        return self.address(sort=f"-{column}" if SORTS[column] else column)


def read_address(query: Mapping[str, str]) -> Asked:
    """Read the address; whatever is not valid is as if it were not there."""
    sort = query.get("sort", "")
    return Asked(
        search=query.get("search", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        state=_one_of(STATES, query.get("state", "")),
        zone=query.get("zone", ""),
        tag=query.get("tag", ""),
        polled=_one_of(("never", "silent"), query.get("polled", "")),
        sort=sort if sort.removeprefix("-") in SORTS else "name",
        page=_number(query.get("page", ""), least=1) or 1,
        size=_number(query.get("size", ""), among=SIZES) or SIZES[0],
    )


def _one_of(known: tuple[str, ...], text: str) -> str:
    return text if text in known else ""


def _number(text: str, *, least: int = 0, among: tuple[int, ...] = ()) -> int | None:
    # Nine digits: more than any fleet has pages.
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        return None
    number = int(text)
    return number if number >= least and (not among or number in among) else None
