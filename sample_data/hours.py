"""Weeks of made-up business hours, in all the forms that real files have."""

from collections.abc import Iterator

_LAST = ("23:59:00", "23:59:59")
_WEEK = range(7)


def week_of(pick: int) -> list[str]:
    """Return the ``day,start,end`` rows of one store, chosen by 64 random bits.

    Of sixteen stores about eight open once a day, three twice, three into the night (two rows: to
    the end of one day and from the start of the next), one all day long, one until midnight. One
    in six opens on some weekdays only; one in fifty has a row twice.
    """
    kind, pick = pick % 16, pick // 16
    opens, pick = pick % 12, pick // 12
    length, pick = pick % 12, pick // 12
    last, pick = _LAST[pick % 2], pick // 2
    partly, pick = pick % 6 == 0, pick // 6
    closed, pick = pick % 7, pick // 7
    days = [day for day in _WEEK if not partly or day not in {closed, (closed + 3) % 7}]
    rows = list(_rows(kind, days, 360 + 30 * opens, 240 + 30 * length, last))
    return [*rows, rows[0]] if pick % 50 == 0 else rows


def _rows(kind: int, days: list[int], opens: int, length: int, last: str) -> Iterator[str]:
    for day in days:
        if kind < 8:
            yield f"{day},{_clock(opens)},{_clock(opens + length)}"
        elif kind < 11:
            yield f"{day},{_clock(opens)},{_clock(opens + 150)}"
            yield f"{day},{_clock(opens + 330)},{_clock(opens + 330 + length // 2)}"
        elif kind < 14:
            yield f"{day},{_clock(opens + 540)},{last}"
            yield f"{(day + 1) % 7},00:00:00,{_clock(length // 4)}"
        elif kind < 15:
            yield f"{day},00:00:00,{last}"
        else:
            yield f"{day},{_clock(opens)},{last}"


def _clock(minutes: int) -> str:
    """Return minutes since midnight as a time of day."""
    hours, rest = divmod(minutes, 60)
    return f"{hours:02}:{rest:02}:00"
