"""Windows of time, and the units everything is counted in."""

from dataclasses import dataclass

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class Window:
    """The elapsed time ``[start, end)``, in microseconds of UTC since 1970."""

    name: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"window {self.name} ends before it starts")


def classic_windows(as_of: int) -> tuple[Window, Window, Window]:
    """Return the last hour, day and week before ``as_of`` (rule 2)."""
    return (
        Window(name="last_hour", start=as_of - HOUR, end=as_of),
        Window(name="last_day", start=as_of - 24 * HOUR, end=as_of),
        Window(name="last_week", start=as_of - 168 * HOUR, end=as_of),
    )
