"""Pauses before another attempt."""

import pytest

from jobs.pauses import JITTER, PASSING, pause
from schedules.models import ScheduledRun
from webhooks.models import Delivery

PLANS = [PASSING, Delivery.PAUSES, ScheduledRun.PAUSES]


@pytest.mark.parametrize("planned", PLANS, ids=len)
def test_it_spreads_what_failed_together(planned):
    for failures, expected in enumerate(planned, 1):
        drawn = {pause(planned, failures) for _ in range(50)}
        assert len(drawn) > 1
        assert expected * (1 - JITTER) <= min(drawn) <= max(drawn) <= expected * (1 + JITTER)


@pytest.mark.parametrize("planned", PLANS, ids=len)
def test_there_is_none_after_the_last(planned):
    assert pause(planned, len(planned)) is not None
    assert pause(planned, len(planned) + 1) is None


@pytest.mark.parametrize("attempts", [1, 7, 8])
def test_a_message_sent_again_by_hand_begins_with_short_pauses(attempts):
    first = Delivery(attempts=attempts, attempts_allowed=8).pause()
    again = Delivery(attempts=attempts + 5, attempts_allowed=13).pause()
    assert (first is None) == (again is None) == (attempts == 8)
    if attempts == 1:
        assert again <= Delivery.PAUSES[0] * (1 + JITTER)


def test_a_ping_is_tried_once():
    assert Delivery(attempts=1, attempts_allowed=1).pause() is None
