"""A lease is renewed while its holder lives, and no longer."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import OperationalError

from jobs import claims, clock
from jobs.lease import Lease, LeaseLost
from tests.database.jobs.errands import LEASE, LongErrand, ShortErrand

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("errands")]

SOON = timedelta(seconds=0.01)


@pytest.fixture(params=[LongErrand, ShortErrand])
def lease(request):
    model, now = request.param, clock.now()
    model.objects.all().delete()
    if model is LongErrand:
        model.objects.create(enqueued_at=now)
    else:
        model.objects.create(next_attempt_at=now)
    return Lease(claims.claim(model.objects.all(), lease=LEASE), lease=LEASE)


def expires(lease):
    row = type(lease.job).objects.get()
    return getattr(row, row.HELD_UNTIL)


def test_it_goes_on_renewing_after_the_database_was_away_for_a_moment(lease, monkeypatch):
    before, turns, stopped, held = expires(lease), [], Event(), lease.held

    def away_once():
        turns.append(1)
        if len(turns) == 1:
            raise OperationalError("the database is away")
        if len(turns) == 3:
            stopped.set()
        return held()

    monkeypatch.setattr(lease, "held", away_once)
    lease.renew_until(stopped, SOON)

    assert len(turns) == 3
    assert expires(lease) > before


def test_it_stops_renewing_a_lease_that_is_lost(lease):
    type(lease.job).objects.update(attempts=2)

    stopped = Event()
    renewing = Thread(target=lease.renew_until, args=[stopped, SOON])
    renewing.start()
    renewing.join(timeout=20)
    ended = not renewing.is_alive()
    # Else it would renew for ever.
    stopped.set()
    renewing.join()

    assert ended
    with pytest.raises(LeaseLost):
        lease.update(error="-")


def test_it_writes_the_progress_with_each_renewal(lease):
    progress = Lease(lease.job, lease=2 * LEASE, progress=lambda: {"error": "half done"})
    assert progress.renew()
    lease.job.refresh_from_db()
    assert lease.job.error == "half done"
    assert expires(lease) > clock.now() + LEASE
