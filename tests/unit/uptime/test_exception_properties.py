"""What special days and exclusions change of any fleet, and what not (rules 20 and 21)."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.reference import DEFAULT_ZONE, Share, SpecialDay, Store, local_dates, zone
from tests.unit.uptime.notation import by_the_core
from tests.unit.uptime.strategies import Fleet, fleets, often


def computed(fleet: Fleet, **changed: object) -> list[list[Share]]:
    stores = [replace(store, **changed) for store in fleet.stores]
    return by_the_core(stores, **fleet.question)


@often
@given(fleets())
def test_exclusions_take_out_of_open_time_and_never_add_to_it(fleet: Fleet):
    for shares, plain in zip(computed(fleet), computed(fleet, exclusions=[]), strict=True):
        for share, without in zip(shares, plain, strict=True):
            assert share.open == without.open
            assert without.excluded == 0


@often
@given(fleets())
def test_nothing_is_left_if_all_time_is_excluded(fleet: Fleet):
    ever = (min(start for start, _ in fleet.windows), fleet.as_of)
    for shares in computed(fleet, exclusions=[ever]):
        assert all(share.counted == 0 for share in shares)


@often
@given(fleets(), st.data())
def test_an_exclusion_in_two_parts_is_the_same(fleet: Fleet, data: st.DataObject):
    def parts(store: Store) -> Store:
        cut = [(*span, data.draw(st.integers(*span))) for span in store.exclusions]
        halves = [half for start, end, at in cut for half in ((start, at), (at, end))]
        return replace(store, exclusions=halves)

    divided = replace(fleet, stores=[parts(store) for store in fleet.stores])
    assert computed(divided) == computed(fleet)


@often
@given(fleets())
def test_special_days_with_the_hours_of_their_weekday_change_nothing(fleet: Fleet):
    def repeated(store: Store) -> Store:
        where = zone(store.time_zone or DEFAULT_ZONE)
        return replace(
            store,
            special_days=[
                SpecialDay(day=day, opens=row.opens, closes=row.closes)
                for day in local_dates(fleet.first_evidence, fleet.as_of, where)
                for row in store.hours
                if row.weekday == day.weekday()
            ],
        )

    usual = replace(fleet, stores=[store for store in fleet.stores if store.hours])
    special = replace(usual, stores=[repeated(store) for store in usual.stores])
    if usual.stores:
        assert computed(special) == computed(usual, special_days=[])
