"""Parts of a report: one part of all stores and many parts give the same."""

import random
from datetime import time

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage

from reports.build import parts
from reports.kinds.uptime_of_stores import StoresMeasured, UptimeOfStores
from tests.reference import DAY, HOUR, MINUTE, Hours, Poll, Store
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.notation import at
from uptime import Fleet, Question, parse_windows

AS_OF = at("2024-03-12 15:00")
WINDOWS = parse_windows(["1h", "24h", "90m", "yesterday", "last-week", "2024-W10"])
ZONES = [None, "America/New_York", "Asia/Kathmandu", "America/Santiago", "Pacific/Apia"]


@pytest.fixture(autouse=True)
def storage(monkeypatch):
    kept = InMemoryStorage()
    monkeypatch.setattr(parts, "default_storage", kept)
    return kept


def made_store(source: random.Random) -> Store:
    opens = time(source.randrange(24))
    rows = [Hours(weekday=n, opens=opens, closes=time(17)) for n in range(source.randrange(8))]
    polls = {AS_OF - source.randrange(12 * DAY): source.random() < 0.7 for _ in range(40)}
    return Store(
        time_zone=source.choice(ZONES),
        hours=rows,
        polls=[Poll(at=at, active=active) for at, active in polls.items()],
    )


@pytest.fixture(scope="module")
def stores() -> dict[str, Store]:
    source = random.Random(7)
    fleet = {f"store {n:02d}": made_store(source) for n in range(23)}
    return {**fleet, "never polled": Store()}


def fleet(stores: dict[str, Store], ids: list[str]) -> Fleet:
    ids = sorted(ids, key=str.encode)
    return fleet_of([stores[store_id] for store_id in ids], ids)


def measured(stores: dict[str, Store], ids: list[str], *, full: bool) -> StoresMeasured:
    return UptimeOfStores().measure(fleet(stores, ids), asked(full=full))


def asked(*, full: bool) -> Question:
    return Question(as_of=AS_OF, windows=WINDOWS, max_gap=6 * HOUR, fresh=30 * MINUTE, full=full)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("count", [1, 2, 7, 24])
def test_it_gives_the_same_bytes_for_any_number_of_parts(storage, stores, count: int, full: bool):
    whole = b"".join(measured(stores, list(stores), full=full).printed())
    names = []
    for number in range(count):
        ids = list(stores)[number::count]
        content = b"".join(parts.encode(measured(stores, ids, full=full)))
        names.append(storage.save(f"part-{number}", ContentFile(content)))
    random.Random(count).shuffle(names)
    found = parts.assemble(names, UptimeOfStores(), asked(full=full))
    assert b"".join(found.printed()) == whole


@pytest.mark.parametrize("full", [False, True])
def test_it_keeps_every_number_to_the_microsecond(storage, stores, full: bool):
    whole = measured(stores, list(stores), full=full)
    name = storage.save("part", ContentFile(b"".join(parts.encode(whole))))
    found = parts.assemble([name], UptimeOfStores(), asked(full=full))
    assert found.store_ids == whole.store_ids
    before, after = whole.summary, found.summary
    assert after.windows == before.windows
    assert (after.quality is None) == (not full)
    for old, new in [(before, after), (before.quality, after.quality)]:
        for measure, values in vars(old).items() if old else []:
            if isinstance(values, np.ndarray):
                assert (getattr(new, measure) == values).all()
                assert getattr(new, measure).dtype == values.dtype
