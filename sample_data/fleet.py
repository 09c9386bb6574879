"""Made-up files with the quirks of real ones. The same arguments give the same bytes everywhere.

Nothing here needs Django. Polls are generated some stores at a time, so memory does not grow with
the number of stores.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sample_data.hours import week_of
from sample_data.names import name_of, tags_of
from sample_data.random_numbers import Draws

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
FILES = ("store_status.csv", "business_hours.csv", "time_zones.csv", "stores.csv")

# The length of an outage is random between two neighbours; each pair is equally likely.
_OUTAGE_MINUTES = np.array([3, 8, 15, 30, 60, 120, 240, 480, 1440, 2880, 5760], np.int64)
_LONGEST_OUTAGE_DAYS = 4

# The poller was silent for all stores: hours before the end and microseconds long, in every
# eight days.
_LONG_SILENCES = ((142, 9 * HOUR), (73, 37 * HOUR))
_SILENCES_PERIOD = 8 * 24

# Draws for an instant use its place in a sample with this end, so that samples with other ends
# agree on each hour: 2024-03-13T18:13:22.479220Z.
ANCHOR = 1_710_353_602_479_220

_TIME_ZONES = (
    *["America/New_York"] * 32,
    *["America/Los_Angeles"] * 20,
    *["America/Chicago"] * 20,
    *["America/Denver", "America/Phoenix"] * 5,
    *["America/Detroit", "America/Indiana/Indianapolis", "America/Edmonton", "America/Boise"],
    *["America/St_Johns", "America/Santiago", "Pacific/Honolulu", "Asia/Beirut"],
    *["Asia/Kolkata", "Australia/Adelaide", "Australia/Sydney", "Europe/London"],
)


@dataclass(frozen=True)
class Sample:
    """A made-up fleet and its polls.

    stores: the number of stores, polled or not. days: how far polls reach back from ``end``, the
    instant of the newest poll in microseconds of UTC. seed: each number gives another fleet.
    Samples whose ends are whole seconds apart are the same except that every poll is that much
    later.
    """

    stores: int
    days: int
    seed: int
    end: int

    @cached_property
    def draws(self) -> Draws:
        """The source of this sample's random numbers."""
        return Draws(self.seed)

    def write(self, folder: Path) -> None:
        """Write the files into a folder."""
        parts = (self.status_file(), self.hours_file(), self.time_zones_file(), self.stores_file())
        for name, lines in zip(FILES, parts, strict=True):
            with (folder / name).open("wb") as file:
                file.writelines(lines)

    def status_file(self) -> Iterator[bytes]:
        """Yield store_status.csv: first all active rows, then all inactive ones.

        A few inactive rows were active before: the same store and instant is in both halves, and
        the later row is the correction. A few rows are there twice.
        """
        yield b"store_id,status,timestamp_utc\n"
        for status in ("active", "inactive"):
            for stores in self._chunks():
                yield self._status_lines(stores, status)

    def hours_file(self) -> Iterator[bytes]:
        """Yield business_hours.csv; four stores in five are in it."""
        yield b"store_id,day,start_time_local,end_time_local\n"
        for stores in self._chunks():
            listed = stores[self._has_hours(stores)]
            picks = self.draws.bits("week", listed).tolist()
            for store_id, pick in zip(self.ids(listed), picks, strict=True):
                yield "".join(f"{store_id},{line}\n" for line in week_of(pick)).encode()

    def time_zones_file(self) -> Iterator[bytes]:
        """Yield time_zones.csv; one store in twenty is not in it."""
        yield b"store_id,timezone_str\n"
        for stores in self._chunks():
            listed = stores[self._has_time_zone(stores)]
            picks = self.draws.below(len(_TIME_ZONES), "time zone", listed).tolist()
            for store_id, pick in zip(self.ids(listed), picks, strict=True):
                yield f"{store_id},{_TIME_ZONES[pick]}\n".encode()

    def stores_file(self) -> Iterator[bytes]:
        """Yield stores.csv; one store in twelve has no name yet and is not in it."""
        yield b"store_id,name,tags\n"
        for stores in self._chunks():
            listed = stores[~self.draws.chance(800, "no name", stores)]
            names = map(name_of, self.draws.bits("name", listed).tolist())
            tags = map(tags_of, self.draws.bits("tags", listed).tolist())
            for row in zip(self.ids(listed), names, tags, strict=True):
                yield f"{','.join(row)}\n".encode()

    def ids(self, stores: NDArray[np.int64]) -> list[str]:
        """Return the ids of stores by number: integers below 2**63 and a few UUIDs."""
        high = self.draws.bits("id", stores)
        low = self.draws.bits("second half of id", stores)
        integers = (high >> np.uint64(1)).astype(np.int64) % (2**63 - 10**15) + 10**15
        is_uuid = self.draws.chance(200, "uuid", stores)
        return [
            str(UUID(int=(left << 64) | right, version=4)) if uuid else str(integer)
            for left, right, integer, uuid in zip(
                high.tolist(), low.tolist(), integers.tolist(), is_uuid.tolist(), strict=True
            )
        ]

    def _chunks(self) -> Iterator[NDArray[np.int64]]:
        """Yield the numbers of the stores in chunks with about 500,000 polls."""
        size = max(1, 250_000 // (self.days * 24))
        for first in range(0, self.stores, size):
            yield np.arange(first, min(first + size, self.stores))

    def _never_polled(self, stores: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.draws.chance(200, "never polled", stores) & (stores > 0)

    def _polled_once(self, stores: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.draws.chance(50, "polled once", stores)

    def _has_hours(self, stores: NDArray[np.int64]) -> NDArray[np.bool_]:
        # A store without a poll must be in this file, or it would be unknown.
        rarely = self._never_polled(stores) | self._polled_once(stores)
        return ~self.draws.chance(2000, "no hours", stores) | rarely

    def _has_time_zone(self, stores: NDArray[np.int64]) -> NDArray[np.bool_]:
        return ~self.draws.chance(500, "no time zone", stores)

    def _status_lines(self, stores: NDArray[np.int64], status: str) -> bytes:
        """Return the rows of some stores with one status, ordered by time."""
        store, at = self._polls(stores)
        inactive = self._asleep(stores[store], at) | self._in_outage(stores, store, at)
        anchored = self._anchored(at)
        corrected = inactive & self.draws.chance(10, "corrected", stores[store], anchored)
        wanted = inactive if status == "inactive" else ~inactive | corrected
        store, at = store[wanted], at[wanted]
        order = np.argsort(at, kind="stable")
        times = 1 + self.draws.chance(10, "twice", stores[store], anchored[wanted])
        order = np.repeat(order, times[order])
        return _lines(self.ids(stores), store[order], at[order], status)

    def _polls(self, stores: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Return indexes into ``stores``, and the instants at which those stores were polled."""
        store = stores[:, None, None]
        hour = np.arange(self.days * 24)[None, :, None]
        half = np.arange(2)[None, None, :]
        before = hour * HOUR + half * (HOUR // 2) + self._lateness(store, hour, half)
        newest = (store == 0) & (hour == 0) & (half == 0)
        before = np.where(newest, 0, before)
        at = self._trimmed(self.end - before, store, hour, half)
        wanted = self._is_polled(store, hour, half) & ~self._silent(before)
        wanted &= before < self.days * DAY
        wanted |= newest
        place, *_ = np.nonzero(wanted)
        return place, at[wanted]

    def _lateness(
        self, store: NDArray[np.int64], hour: NDArray[np.int64], half: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the microseconds from a poll to the full hour: the store's own, plus jitter."""
        own = self.draws.below(HOUR // 2, "minute of polls", store)
        return own + self.draws.below(240 * SECOND, "jitter", store, hour, half)

    def _trimmed(
        self,
        at: NDArray[np.int64],
        store: NDArray[np.int64],
        hour: NDArray[np.int64],
        half: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Return instants, a few cut to whole seconds or ending in zeros; never the newest."""
        coarse = self.draws.below(2000, "coarse", store, hour, half)
        unit = np.where(coarse == 0, SECOND, np.where(coarse < 40, 1000, 1))
        return np.where(at == self.end, at, at - at % unit)

    def _is_polled(
        self, store: NDArray[np.int64], hour: NDArray[np.int64], half: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell which of the possible polls the store gets.

        One store in eight is polled twice an hour, one in fifty never, one in 200 just once.
        """
        twice = self.draws.chance(1200, "doubled", store)
        once = self._polled_once(store)
        only = self.draws.below(min(self.days * 24, 12), "its only poll", store)
        regular = ((half == 0) | twice) & ~self.draws.chance(150, "missed", store, hour, half)
        only_one = (hour == only) & (half == 0)
        polled: NDArray[np.bool_] = (once & only_one) | (~once & regular)
        return polled & ~self._never_polled(store)

    def _silent(self, before: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which instants, as time before the end, are in the poller's silences."""
        into = before % (_SILENCES_PERIOD * HOUR)
        silent = np.zeros(before.shape, np.bool_)
        for start, length in [*_LONG_SILENCES, *self._short_silences]:
            silent |= (into <= start * HOUR) & (into > start * HOUR - length)
        return silent

    @cached_property
    def _short_silences(self) -> list[tuple[int, int]]:
        """Return eight silences of 2 to 4 hours, as hours before the end and microseconds long."""
        number = np.arange(8)
        starts = self.draws.below(_SILENCES_PERIOD, "silence", number)
        seconds = 7200 + self.draws.below(7200, "silence length", number)
        return list(zip(starts.tolist(), (seconds * SECOND).tolist(), strict=True))

    def _anchored(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return instants shifted to a sample that ends at the anchor."""
        return at - self.end + ANCHOR

    def _asleep(self, store: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which polls find a store that switches off for eight hours every night."""
        hour = (self._anchored(at) // HOUR - self.draws.below(6, "bedtime", store)) % 24
        return self.draws.chance(3000, "sleeper", store) & (hour >= 4) & (hour < 12)

    def _in_outage(
        self, stores: NDArray[np.int64], store: NDArray[np.intp], at: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell which polls are in an outage; at most one begins on each day."""
        day = np.arange(self.days + _LONGEST_OUTAGE_DAYS + 1)[None, :]
        drawn = (stores[:, None], day)
        starts = self.end - (day + 1) * DAY + self.draws.below(DAY // 40, "outage", *drawn) * 40
        rank = self.draws.below(len(_OUTAGE_MINUTES) - 1, "outage rank", *drawn)
        least, step = _OUTAGE_MINUTES[rank] * 60, np.diff(_OUTAGE_MINUTES)[rank] * 60
        ends = starts + least * SECOND + step * self.draws.below(SECOND, "outage length", *drawn)
        ends = np.where(self.draws.chance(2000, "has outage", *drawn), ends, starts)
        today = (self.end - at) // DAY
        down = np.zeros(len(at), np.bool_)
        for ago in range(_LONGEST_OUTAGE_DAYS + 1):
            place = (store, today + ago)
            down |= (starts[place] <= at) & (at < ends[place])
        return down


def _lines(
    ids: Sequence[str], store: NDArray[np.intp], at: NDArray[np.int64], status: str
) -> bytes:
    """Return CSV rows; a fraction loses its trailing zeros, and its point with the last one."""
    if not len(at):
        return b""
    text = pc.cast(pa.array(at).view(pa.timestamp("us")), pa.string())
    text = pc.utf8_rtrim(pc.utf8_rtrim(text, characters="0"), characters=".")
    names = pa.array(ids).take(pa.array(store))
    rows = pc.binary_join_element_wise(names, f",{status},", text, " UTC\n", "")
    return bytes(memoryview(rows.buffers()[2])[: pc.sum(pc.binary_length(rows)).as_py()])
