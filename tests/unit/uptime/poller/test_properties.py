"""The poller's outages of any made-up fleet."""

from dataclasses import asdict, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.reference import DAY, HOUR, MINUTE
from tests.reference_poller import Polled, outages
from tests.unit.uptime.poller.fleets import find
from tests.unit.uptime.strategies import often, thoroughly

BEGIN = 19_000 * DAY
RHYTHMS = [MINUTE // 2, 5 * MINUTE, HOUR, HOUR + 1, 4 * HOUR]


def store(random: Random, rhythm: int, holes: list[tuple[int, int]], length: int) -> Polled:
    """A store that is polled in its rhythm, more or less, except in holes."""
    ragged = random.choice([0, 1, rhythm // 9, rhythm // 2])
    count = min(length // rhythm, random.choice([0, 1, 2, 30, 100, 100]))
    first = BEGIN + random.choice([0, rhythm, length // 2])
    polls = {first + n * rhythm + random.randint(0, ragged) for n in range(count)}
    zone = random.choice(["America/Chicago", "Asia/Tokyo"])
    tags = frozenset(random.sample("xyz", random.choice([0, 1, 1, 2])))
    here = [hole for hole in holes if random.random() < 0.9]
    kept = [at for at in polls if not any(start < at < end for start, end in here)]
    return Polled(zone=zone, tags=tags, polls=random.sample(kept, len(kept)))


@st.composite
def fleets(draw: st.DrawFn) -> tuple[list[Polled], int]:
    """Stores, most of one rhythm, and the instant up to which polls are known."""
    random = draw(st.randoms(use_true_random=False))
    rhythm = draw(st.sampled_from(RHYTHMS))
    length = 100 * rhythm
    lengths = [random.choice([1, 2, 3, 15, 40]) * rhythm for _ in range(random.randint(0, 3))]
    starts = [BEGIN + random.randint(0, length) for _ in lengths]
    holes = [(start, start + long) for start, long in zip(starts, lengths, strict=True)]
    other = draw(st.sampled_from([rhythm, rhythm, *RHYTHMS[1:]]))
    count = draw(st.integers(1, 6))
    stores = [store(random, random.choice([rhythm, other]), holes, length) for _ in range(count)]
    end = BEGIN + draw(st.sampled_from([length // 2, length, length + 1, length + 5 * rhythm]))
    return stores, end


@thoroughly
@given(fleets())
def test_it_equals_the_reference(fleet):
    stores, end = fleet
    found = [asdict(outage) for outage in find(stores, begin=BEGIN, end=end)]
    expected = [asdict(outage) for outage in outages(stores, begin=BEGIN, end=end)]
    assert found == expected


@often
@given(fleets(), st.integers(2, 4))
def test_it_finds_the_same_in_parts_of_the_fleet(fleet, parts):
    stores, end = fleet
    whole = find(stores, begin=BEGIN, end=end)
    assert find(stores, begin=BEGIN, end=end, parts=min(parts, len(stores))) == whole


@often
@given(fleets())
def test_nothing_narrower_lies_in_a_wider_outage(fleet):
    stores, end = fleet
    found = find(stores, begin=BEGIN, end=end)
    wide = [outage for outage in found if outage.scope == "fleet"]
    for outage in found:
        assert BEGIN <= outage.start < outage.end <= end
        assert outage in wide or all(
            outage.end <= one.start or one.end <= outage.start for one in wide
        )


@often
@given(fleets(), st.integers(-3 * DAY, 3 * DAY))
def test_the_time_of_the_year_makes_no_difference(fleet, shift):
    """Only distances count: not the hour of the day, nor a change of the clocks."""
    stores, end = fleet
    moved = [replace(store, polls=[at + shift for at in store.polls]) for store in stores]
    found = find(moved, begin=BEGIN + shift, end=end + shift)
    expected = [
        replace(outage, start=outage.start + shift, end=outage.end + shift)
        for outage in find(stores, begin=BEGIN, end=end)
    ]
    assert found == expected
