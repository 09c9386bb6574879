"""Time inside silences is unknown (rule 19), for every fleet."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.reference import is_open, summarise_store
from tests.reference_quality import assess_store
from tests.unit.uptime import test_quality_properties, test_timeline_properties
from tests.unit.uptime.notation import by_the_core
from tests.unit.uptime.strategies import Fleet, fleets, intervals, often, thoroughly


@st.composite
def silent_fleets(draw: st.DrawFn) -> Fleet:
    """Fleets with silences, some of which overlap, touch each other, or are the same in two."""
    fleet = draw(fleets())
    shared = draw(intervals(fleet.as_of))
    stores = [
        replace(store, silences=shared + draw(st.one_of(st.just([]), intervals(fleet.as_of))))
        for store in fleet.stores
    ]
    return replace(fleet, stores=stores)


@thoroughly
@given(silent_fleets())
def test_it_equals_the_reference(fleet: Fleet):
    expected = [summarise_store(store, **fleet.question) for store in fleet.stores]
    assert by_the_core(fleet.stores, **fleet.question) == expected


@often
@given(silent_fleets())
def test_its_quality_equals_the_reference(fleet: Fleet):
    expected = [assess_store(store, **fleet.question) for store in fleet.stores]
    assert test_quality_properties.computed(fleet) == expected


@often
@given(silent_fleets())
def test_its_timeline_has_the_same_sums(fleet: Fleet):
    question = fleet.question | {"windows": fleet.windows[:1]}
    for store in fleet.stores:
        found = test_timeline_properties.drawn(fleet, store)
        (share,) = summarise_store(store, **question)
        assert (found.up, found.down, found.unknown) == (share.up, share.down, share.unknown)
        for span in found.spans:
            is_silent = is_open(span.start, store.silences)
            expected = is_silent and span.state not in {"closed", "excluded"}
            assert (span.rule == "poller_outage") == expected


@often
@given(silent_fleets())
def test_it_only_takes_away_what_would_be_known(fleet: Fleet):
    """Outside silences nothing changes, so each number is at most what it is without them."""
    without = [replace(store, silences=[]) for store in fleet.stores]
    filled = by_the_core(without, **fleet.question)
    for shares, before in zip(by_the_core(fleet.stores, **fleet.question), filled, strict=True):
        for share, full in zip(shares, before, strict=True):
            assert share.open == full.open
            assert share.up <= full.up
            assert share.down <= full.down
