"""When a message is sent again."""

from datetime import timedelta
from itertools import pairwise

from webhooks import backoff
from webhooks.backoff import DELAYS, MAX_ATTEMPTS, at_least


def test_it_waits_longer_after_each_attempt_for_about_a_day():
    assert list(DELAYS) == sorted(DELAYS)
    assert all(later >= earlier * 2 for earlier, later in pairwise(DELAYS))
    assert timedelta(hours=18) < sum(DELAYS, timedelta()) < timedelta(hours=30)
    assert MAX_ATTEMPTS == 8


def test_it_waits_as_long_as_the_receiver_asks_but_not_for_ever():
    assert at_least(DELAYS[0], None) == DELAYS[0]
    assert at_least(DELAYS[0], timedelta(minutes=7)) == timedelta(minutes=7)
    assert at_least(DELAYS[6], timedelta(seconds=1)) == DELAYS[6]
    assert at_least(DELAYS[0], timedelta(days=9)) == backoff.MAX_RETRY_AFTER
