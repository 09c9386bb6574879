"""The edges of the poller's outages, one by one."""

from tests.reference import DAY, HOUR, MINUTE
from tests.reference_poller import Polled
from tests.unit.uptime.poller.fleets import find

BEGIN = 19_000 * DAY
END = BEGIN + 2 * DAY
CHICAGO, TOKYO = "America/Chicago", "Asia/Tokyo"


def hourly(
    count: int, *silent: tuple[int, int], zone: str = CHICAGO, tags: str = "", until: int = END
) -> list[Polled]:
    """Stores polled each hour, a minute apart, but never inside the silent hours."""
    return [
        Polled(
            zone=zone,
            tags=frozenset(tags),
            polls=[
                at
                for at in range(BEGIN + number * MINUTE, until + 1, HOUR)
                if not any(a < (at - BEGIN) / HOUR < b for a, b in silent)
            ],
        )
        for number in range(count)
    ]


def found(stores: list[Polled], *, begin: int = BEGIN, end: int = END):
    """Scope, from and to in minutes, and whether it lasts."""
    return [
        (one.scope, (one.start - BEGIN) / MINUTE, (one.end - BEGIN) / MINUTE, one.lasts)
        for one in find(stores, begin=begin, end=end)
    ]


def test_an_outage_is_from_the_last_poll_to_the_next():
    assert found(hourly(10, (12.9, 15.9))) == [("fleet", 12 * 60 + 9, 16 * 60, False)]


def test_one_poll_less_of_every_store_is_enough():
    assert found(hourly(10, (12.9, 13.9))) == [("fleet", 12 * 60 + 9, 14 * 60, False)]


def test_nothing_is_found_without_a_silence():
    assert found(hourly(10)) == []


def test_stores_that_were_not_silent_end_it():
    assert found([*hourly(9, (12.9, 15.9)), *hourly(1)]) == []


def test_nothing_can_be_learned_without_two_polls_of_a_store():
    once = [Polled(zone=CHICAGO, tags=frozenset(), polls=[BEGIN + n * HOUR]) for n in (0, 1, 30)]
    assert found([]) == found(once) == found(once[:1]) == []


def test_the_time_before_the_first_poll_is_none():
    assert found(hourly(10, (-1, 20))) == []
    assert find(hourly(10), begin=BEGIN - 5 * DAY, end=END) == []


def test_one_after_the_last_poll_lasts():
    last = 47 * 60 + 9
    assert found(hourly(10, (47.9, 49))) == []
    assert found(hourly(10, (47.9, 49)), end=END + HOUR) == [("fleet", last, 49 * 60, True)]


def test_one_that_the_whole_fleet_has_is_told_once():
    stores = [*hourly(10, (12, 20), tags="x"), *hourly(10, (12, 20), zone=TOKYO)]
    assert found(stores) == [("fleet", 12 * 60, 20 * 60, False)]


def test_a_zone_and_a_tag_have_their_own():
    stores = [
        *hourly(10, (12.5, 19.5), zone=TOKYO, tags="x"),
        *hourly(10, (30.5, 35.5), tags="y"),
        *hourly(10, tags="z"),
    ]
    assert found(stores) == [
        (f"zone:{TOKYO}", 12 * 60 + 9, 20 * 60, False),
        ("tag:y", 30 * 60 + 9, 36 * 60, False),
    ]


def test_a_zone_tells_what_is_beyond_an_outage_of_the_fleet():
    stores = [*hourly(10, (12.5, 29.5), zone=TOKYO), *hourly(10, (20.5, 29.5))]
    assert found(stores) == [
        (f"zone:{TOKYO}", 12 * 60 + 9, 20 * 60 + 9, False),
        ("fleet", 20 * 60 + 9, 30 * 60, False),
    ]


def test_one_store_needs_a_silence_of_many_usual_distances():
    assert found(hourly(1, (12.5, 17.5))) == []
    assert found(hourly(1, (12.5, 30.5))) == [("fleet", 12 * 60, 31 * 60, False)]


def test_a_store_that_is_no_longer_polled_is_no_outage_of_its_tag():
    alone = hourly(1, tags="x", until=BEGIN + 20 * HOUR)
    both = hourly(2, tags="x", until=BEGIN + 20 * HOUR)

    assert found([*hourly(10), *alone]) == []
    assert found([*hourly(10), *both]) == [("tag:x", 20 * 60, 48 * 60, True)]


def test_only_stores_that_were_being_polled_count():
    """Nine stores have gone; the tenth alone cannot tell so short a silence from chance."""
    gone = hourly(9, until=BEGIN + 10 * HOUR)
    assert found([*gone, *hourly(1, (30.5, 33.5))]) == []


def test_a_burst_of_polls_each_hour_is_a_rhythm():
    """The fleet is silent for fifty minutes of each hour."""
    stores = hourly(10)
    assert found(stores) == []
    assert found(hourly(10, (12.9, 13.9)))[0][0] == "fleet"
