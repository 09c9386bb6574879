"""The explanation of every store of hostile fleets, against the report and the reference."""

from hypothesis import given

from tests.reference import DEFAULT_ZONE, is_open, opening_of, zone
from tests.unit.uptime.fleets import fleet_of
from tests.unit.uptime.strategies import Fleet, fleets, often
from uptime import Question, Window, parse_windows, summarise
from uptime.explain.checking import differences
from uptime.explain.explaining import explain
from uptime.explain.explanation import Explanation, sums_of
from uptime.explain.stores import each_store
from uptime.explain.text import explanation_text

WIDEST = 100


def question_of(fleet: Fleet, *texts: str) -> Question:
    windows = [Window(name=f"w{n}", start=a, end=b) for n, (a, b) in enumerate(fleet.windows)]
    return Question(
        as_of=fleet.as_of,
        windows=[*windows, *parse_windows(texts)] if texts else windows,
        look_back=fleet.look_back,
        max_gap=fleet.max_gap,
    )


def explained(fleet: Fleet) -> list[Explanation]:
    asked = question_of(fleet)
    return [explain(alone, asked) for alone in each_store(fleet_of(fleet.stores))]


@often
@given(fleets())
def test_it_adds_up_to_the_report_in_every_window(fleet: Fleet):
    stores = fleet_of(fleet.stores)
    for asked in (question_of(fleet), question_of(fleet, "1h", "24h", "7d", "yesterday")):
        assert list(differences(stores, asked, summarise(stores, asked))) == []


@often
@given(fleets())
def test_it_gives_the_rows_and_dates_that_made_each_opening(fleet: Fleet):
    for store, explanation in zip(fleet.stores, explained(fleet), strict=True):
        where = zone(store.time_zone or DEFAULT_ZONE)
        for window in explanation.windows:
            for opening in window.openings:
                special = {row.day for row in store.special_days}
                for row in opening.rows:
                    made = opening_of(row.date, store.hours[row.row], where)
                    assert (row.start, row.end) == made
                    assert row.date not in special
                for row in opening.special_rows:
                    written = store.special_days[row.row]
                    assert (row.start, row.end) == opening_of(written.day, written, where)
                    assert row.date == written.day
                if opening.rule == "always_open":
                    assert (store.hours, opening.rows) == ([], ())
                    continue
                # Together they cover the opening without a gap.
                reached = opening.start
                rows = (*opening.rows, *opening.special_rows)
                for row in sorted(rows, key=lambda row: row.start):
                    assert row.start <= reached
                    reached = max(reached, row.end)
                assert reached >= opening.end


@often
@given(fleets())
def test_it_lists_every_poll_once_with_what_became_of_it(fleet: Fleet):
    for store, explanation in zip(fleet.stores, explained(fleet), strict=True):
        for window in explanation.windows:
            listed = [(poll.at, poll.active) for poll in window.polls]
            assert listed == sorted((poll.at, poll.active) for poll in store.polls)
            deciding = {
                span.poll.at
                for opening in window.openings
                for span in opening.spans
                if span.poll is not None
            }
            for poll in window.polls:
                assert (poll.use == "decides") == (poll.at in deciding)
                assert (poll.use == "after_as_of") == (poll.at > fleet.as_of)
                assert (poll.use == "before_look_back") == (poll.at < fleet.first_evidence)
                if poll.use == "in_exclusion":
                    assert is_open(poll.at, store.exclusions)
                if poll.counts:
                    assert not is_open(poll.at, store.exclusions)


@often
@given(fleets())
def test_its_openings_add_up_and_its_text_fits_a_terminal(fleet: Fleet):
    for explanation in explained(fleet):
        for place, window in enumerate(explanation.windows):
            edges = [edge for one in window.openings for edge in (one.start, one.end)]
            assert edges == sorted(edges)
            assert all(window.start <= edge <= window.end for edge in edges)
            assert window.closed + window.sums.open == window.end - window.start
            for opening in window.openings:
                assert opening.sums == sums_of(opening.spans)
                assert opening.sums.open == opening.end - opening.start
            lines = list(explanation_text(explanation, place))
            assert max(len(line) for line in lines) <= WIDEST
            assert all(line == line.rstrip() for line in lines)
