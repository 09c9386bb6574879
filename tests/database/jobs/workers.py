"""Workers on a table of errands, and a small model of what its rows must contain."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import OperationalError
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    multiple,
    precondition,
    rule,
)

from jobs import claims, pauses
from jobs.lease import Lease, LeaseLost
from jobs.running import FailureRecorded
from tests.database.jobs.errands import ALLOWED, LEASE, PAUSES, REQUEUE_AFTER, LongErrand

BEGIN = datetime(2024, 1, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# By steps to just before, just at and just after what may be due.
STEPS = [SECOND, *PAUSES, LEASE - SECOND, LEASE, REQUEUE_AFTER, 4 * REQUEUE_AFTER]
SKEWS = [timedelta(0), timedelta(hours=-1), timedelta(hours=1), timedelta(days=400)]
# Few, so that much happens to each.
MOST = 3


@dataclass
class Expected:
    """The expected row of one job."""

    attempts: int = 0
    faults: int = 0
    held_until: datetime | None = None
    due: datetime | None = None
    told: datetime | None = None  # The last message since it was last claimed.
    ended: str = ""

    def is_held(self, now):
        return not self.ended and self.held_until is not None and self.held_until > now

    def is_unattended(self, now):
        is_due = self.due is None or self.due <= now
        return not self.ended and not self.is_held(now) and is_due


class Workers(RuleBasedStateMachine):
    """They claim, renew, finish, fail, and die by doing nothing more."""

    model = LongErrand
    jobs = Bundle("jobs")
    leases = Bundle("leases")  # What workers were given when they claimed, held still or long lost.

    def __init__(self):
        super().__init__()
        self.model.objects.all().delete()
        self.now = BEGIN
        self.expected, self.last = {}, {}
        self.patches = [
            patch("jobs.clock.now", lambda: self.now),
            patch.object(pauses, "JITTER", 0),
            # None is lost here, and a new one takes longer than all else.
            patch("jobs.running.connection"),
        ]
        for each in self.patches:
            each.start()

    @property
    def is_long(self):
        return self.model is LongErrand

    def has_room(self):
        return sum(not job.ended for job in self.expected.values()) < MOST

    def allowed(self, job):
        return ALLOWED + (job.faults if self.is_long else 0)

    def is_held(self, lease):
        job = self.expected[lease.job.pk]
        return not job.ended and job.attempts == lease.job.attempts

    @precondition(lambda self: self.has_room())
    @rule(target=jobs)
    def make(self):
        """A job is created; a long one is queued at once, and the message may be lost."""
        if self.is_long:
            row = self.model.objects.create(enqueued_at=self.now)
        else:
            row = self.model.objects.create(next_attempt_at=self.now)
        self.expected[row.pk] = Expected(told=self.now if self.is_long else None)
        return row.pk

    @rule(step=st.sampled_from(STEPS))
    def wait(self, step):
        self.now += step

    @rule(target=leases, pk=jobs, skew=st.sampled_from(SKEWS))
    def claim(self, pk, skew):
        """A worker got a message, rightly or not."""
        with time_machine.travel(self.now + skew):
            claimed = self.claim_as_expected(pk)
        return claimed or multiple()

    def claim_as_expected(self, pk):
        job = self.expected[pk]
        expected = job.is_unattended(self.now) and job.attempts < self.allowed(job)
        claimed = self.just_claim(pk)
        assert (claimed is not None) == expected
        return claimed

    def just_claim(self, pk):
        claimed = claims.claim(self.model.objects.filter(pk=pk), lease=LEASE)
        if claimed is None:
            return None
        job = self.expected[pk]
        job.attempts += 1
        job.held_until, job.due, job.told = self.now + LEASE, None, None
        assert claimed.attempts == job.attempts
        self.last[pk] = lease = Lease(claimed, lease=LEASE)
        lease.is_over = False
        return lease

    @rule(target=leases, pk=jobs, times=st.integers(1, ALLOWED + 1))
    def lose_workers(self, pk, times):
        """One after another claims it and sleeps until its lease has expired."""
        lost = []
        for _ in range(times):
            if claimed := self.claim_as_expected(pk):
                lost.append(claimed)
                self.now += LEASE
        return multiple(*lost)

    @rule(lease=leases, skew=st.sampled_from(SKEWS))
    def renew(self, lease, skew):
        """The thread of a worker renews the lease, perhaps after a long sleep."""
        with time_machine.travel(self.now + skew):
            renewed = lease.renew()
        assert bool(renewed) == self.is_held(lease)
        if renewed:
            self.expected[lease.job.pk].held_until = self.now + LEASE

    @rule(lease=consumes(leases))
    def finish(self, lease):
        if lease.is_over:
            return
        if not self.is_held(lease):
            with pytest.raises(LeaseLost):
                lease.update(**self.as_ended("Done"))
            return
        lease.update(**self.as_ended("Done"))
        self.expected[lease.job.pk].ended = "Done"

    @rule(lease=consumes(leases), passes=st.booleans(), skew=st.sampled_from(SKEWS))
    def fail(self, lease, passes, skew):
        if lease.is_over:
            return
        lease.is_over = True
        error = OperationalError("away") if passes else ValueError("wrong")
        is_held, job = self.is_held(lease), self.expected[lease.job.pk]
        with (
            time_machine.travel(self.now + skew),
            pytest.raises(type(error) if is_held else LeaseLost),
            FailureRecorded(lease, lambda _, reason: self._fail(lease, reason)),
        ):
            raise error
        if not is_held:
            return
        failures = job.faults + 1 if self.is_long else job.attempts
        if passes and failures <= len(PAUSES):
            job.faults += 1
            job.held_until, job.due = self.now, self.now + PAUSES[failures - 1]
            assert self.just_claim(lease.job.pk) is None, "it is not due yet"
        else:
            job.ended = "Failed"

    def _fail(self, lease, reason):
        lease.update(**self.as_ended("Failed"), error=reason)

    def as_ended(self, status):
        return {"status": status, self.model.HELD_UNTIL: None}
