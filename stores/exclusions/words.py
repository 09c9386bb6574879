"""Exclusions in words, as the admin and the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from fleet.exclusions.finding import Stretch, concerning, touching
from fleet.exclusions.models import Exclusion, Scope
from fleet.models import Store
from uptime.instants import from_microseconds
from uptime.open_time.zones import load_zone
from uptime.recurrence.words import recurrence_in_words

_STRETCHES_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class ShownExclusion:
    """One that touches an interval; ``stretches`` are its first there, ``more`` counts the rest."""

    pk: int
    scope: str
    when: str
    reason: str
    created_by: str
    stretches: Sequence[Stretch]
    more: int


def shown_exclusions(store: Store, start: int, end: int) -> list[ShownExclusion]:
    """Return the exclusions of a store that touch an interval, in microseconds of UTC."""
    found = touching(concerning(store), from_microseconds(start), from_microseconds(end))
    return [
        ShownExclusion(
            pk=one.exclusion.pk,
            scope=scope_in_words(one.exclusion),
            when=when_in_words(one.exclusion),
            reason=one.exclusion.reason,
            created_by=one.exclusion.created_by,
            stretches=one.stretches[:_STRETCHES_SHOWN],
            more=max(len(one.stretches) - _STRETCHES_SHOWN, 0),
        )
        for one in found
    ]


def scope_in_words(exclusion: Exclusion) -> str:
    """Return which stores it is for."""
    if exclusion.scope == Scope.FLEET:
        return "the whole fleet"
    named = exclusion.tag if exclusion.scope == Scope.TAG else exclusion.store
    return f"the {exclusion.scope} {named}"


def when_in_words(exclusion: Exclusion) -> str:
    """Return its interval in UTC, or its rule."""
    recurrence = exclusion.recurrence
    if recurrence is not None:
        text = f"{recurrence_in_words(recurrence)}, from {recurrence.first} on"
        return f"{text} until {_instant(exclusion.ends_at)} UTC" if exclusion.ends_at else text
    return stretch_in_words((exclusion.starts_at, exclusion.ends_at), UTC, "UTC")


def stretch_in_words(
    stretch: tuple[datetime | None, datetime | None], zone: tzinfo, name: str
) -> str:
    """Return both ends on the clock of a zone, the date once if it is the same."""
    start, end = (each.astimezone(zone) if each else None for each in stretch)
    same = start and end and start.date() == end.date()
    until = f"{end:%H:%M}" if same else _instant(end)
    return f"{_instant(start)} to {until} {name}"


def local_stretch(exclusion: Exclusion, stretch: Stretch) -> str:
    """Return a stretch in the zone of the recurrence, and in UTC."""
    utc = stretch_in_words(stretch, UTC, "UTC")
    recurrence = exclusion.recurrence
    if recurrence is None:
        return utc
    local = stretch_in_words(stretch, load_zone(recurrence.zone), recurrence.zone)
    return f"{local} ({utc})"


def _instant(at: datetime | None) -> str:
    return f"{at:%a %Y-%m-%d %H:%M}" if at else ""
