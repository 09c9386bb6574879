"""When a message is sent again."""

from datetime import timedelta
from itertools import pairwise

from ingestion.pauses import JITTER
from webhooks import backoff
from webhooks.backoff import DELAYS, MAX_ATTEMPTS, delay


def test_it_waits_longer_after_each_attempt_for_about_a_day():
    assert list(DELAYS) == sorted(DELAYS)
    assert all(later >= earlier * 2 for earlier, later in pairwise(DELAYS))
    assert timedelta(hours=18) < sum(DELAYS, timedelta()) < timedelta(hours=30)
    assert MAX_ATTEMPTS == 8


def test_it_spreads_what_failed_together():
    for attempts, planned in enumerate(DELAYS, 1):
        drawn = {delay(attempts) for _ in range(50)}
        assert len(drawn) > 1
        assert planned * (1 - JITTER) <= min(drawn) <= max(drawn) <= planned * (1 + JITTER)


def test_it_goes_on_with_the_longest_pause():
    assert delay(99) >= DELAYS[-1] * (1 - JITTER)


def test_it_waits_as_long_as_the_receiver_asks_but_not_for_ever():
    assert delay(1, retry_after=timedelta(minutes=7)) == timedelta(minutes=7)
    assert delay(7, retry_after=timedelta(seconds=1)) > timedelta(hours=9)
    assert delay(1, retry_after=timedelta(days=9)) == backoff.MAX_RETRY_AFTER
