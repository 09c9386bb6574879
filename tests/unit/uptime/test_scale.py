"""A fleet of some size: the core at once, the reference for a sample of its stores."""

import random
from datetime import time

import pytest

from tests.reference import (
    DAY,
    HOUR,
    MINUTE,
    Hours,
    Poll,
    Share,
    Store,
    classic_windows,
    summarise_store,
)
from tests.unit.uptime.notation import at, by_the_core

STORES = 500
POLLED_DAYS = 9
AS_OF = at("2024-11-05 18:13:22.47922")  # Two days after the change of clocks in New York.
ZONES = [
    None,
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Europe/London",
]
DAYS_OF_HOURS = [
    [],
    [(time(9), time(17))],
    [(time(0), time(23, 59))],
    [(time(0), time(2, 30)), (time(18), time(23, 59, 59))],
    [(time(10, 30), time(14)), (time(17), time(1))],
    [(time(6), time(14)), (time(12), time(22)), (time(22), time(23))],
]


def made_store(random: random.Random) -> Store:
    spans, open_days = random.choice(DAYS_OF_HOURS), random.sample(range(7), random.randint(1, 7))
    return Store(
        time_zone=random.choice(ZONES),
        hours=[Hours(weekday=n, opens=a, closes=b) for n in open_days for a, b in spans],
        polls=made_polls(random),
    )


def made_polls(random: random.Random) -> list[Poll]:
    """Hourly with jitter, and half-hourly for some; one store in twenty was never polled."""
    if random.random() < 0.05:
        return []
    step = random.choice([HOUR, HOUR, 30 * MINUTE])
    start = AS_OF - POLLED_DAYS * DAY
    instants = {start + n * step + random.randrange(step) for n in range(POLLED_DAYS * DAY // step)}
    return [Poll(at=at, active=random.random() < 0.8) for at in sorted(instants)]


@pytest.fixture(scope="module")
def fleet() -> list[Store]:
    source = random.Random(20230125)
    return [made_store(source) for _ in range(STORES)]


@pytest.fixture(scope="module")
def shares(fleet: list[Store]) -> list[list[Share]]:
    return by_the_core(fleet, as_of=AS_OF, windows=classic_windows(AS_OF))


def test_it_takes_a_fleet_of_some_size(fleet: list[Store], shares: list[list[Share]]):
    assert sum(len(store.polls) for store in fleet) > 50_000
    assert len(shares) == STORES


def test_it_equals_the_reference_for_a_sample(fleet: list[Store], shares: list[list[Share]]):
    for n in range(0, STORES, 5):
        assert shares[n] == summarise_store(
            fleet[n], as_of=AS_OF, windows=classic_windows(AS_OF)
        ), fleet[n]


def test_it_gives_one_store_the_same_numbers_alone(fleet: list[Store], shares: list[list[Share]]):
    for n in (0, 1, STORES // 2, STORES - 1):
        alone = by_the_core([fleet[n]], as_of=AS_OF, windows=classic_windows(AS_OF))
        assert alone == [shares[n]]
