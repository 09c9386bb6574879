"""The simulation in which the truth is known."""

import numpy as np
import pytest

from bench.__main__ import main
from bench.truth import methods
from bench.truth.world import HOUR, KINDS, MINUTE, WEEK, Kind, Stores, made_stores, poll
from uptime.windows.elapsed import SECOND

STEADY = Kind("2 h, one a day", 2 * HOUR, 22 * HOUR)


@pytest.fixture(scope="module")
def stores():
    return made_stores(STEADY, 60, np.random.default_rng(3))


def polled_every(stores: Stores, seconds: int):
    return poll(stores, seconds, np.random.default_rng(4))


def test_its_stores_are_up_for_the_share_that_their_kind_says(stores):
    share = stores.up_seconds.sum() / stores.open_seconds.sum()
    assert share == pytest.approx(22 / 24, abs=0.03)
    assert set(stores.open_seconds) == {WEEK, WEEK // 2}


@pytest.mark.parametrize(
    "method",
    [
        lambda stores, polls: methods.nearest(stores, polls).up[0] / SECOND,
        methods.carried_forward,
        methods.share_of_polls,
    ],
    ids=["nearest", "carried forward", "share of polls"],
)
def test_each_method_comes_nearer_to_the_truth_with_more_polls(stores, method):
    seldom, often = (
        methods.compare(method(stores, polled_every(stores, seconds)), stores)
        for seconds in (3 * HOUR, 2 * MINUTE)
    )
    assert often.error < 0.2 < seldom.error
    assert often.rank > seldom.rank
    assert abs(often.bias) < 0.1


def test_bounds_hold_the_truth_where_polls_are_dense(stores):
    summary = methods.nearest(stores, polled_every(stores, 2 * MINUTE))
    margins, bounds = methods.holding(summary, stores)
    assert bounds > 90
    assert margins > 80


def test_the_poller_says_nothing_while_it_is_silent(stores):
    silent = range(WEEK, WEEK + HOUR)
    polls = poll(stores, MINUTE, np.random.default_rng(5), [silent])
    assert not np.isin(polls.instant, silent).any()


def test_it_prints_the_same_tables_for_the_same_seed(capsys):
    arguments = ["truth", "--stores", "4", "--seed", "2"]
    assert main(arguments) == main(arguments) == 0
    printed = capsys.readouterr().out
    first, second = printed[: len(printed) // 2], printed[len(printed) // 2 :]
    assert first == second
    assert first.count("240 min") == 2 * len(KINDS)
