"""Whatever workers, clocks and queues do, a job has one holder, is never lost, and ends.

Hypothesis draws what happens: claims, workers that die or sleep and wake up late, clocks that are
off, messages that are lost, failures that pass and that do not, sweeps that meet workers. After
each step the rows are held against a model of a few lines. A worker dies by doing nothing more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import OperationalError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jobs import claims, pauses
from jobs.lease import Lease, LeaseLost
from jobs.running import FailureRecorded
from tests.database.jobs.errands import (
    ALLOWED,
    LEASE,
    PAUSES,
    REQUEUE_AFTER,
    LongErrand,
    ShortErrand,
)

BEGIN = datetime(2024, 1, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# By steps to just before, just at and just after what may be due.
STEPS = [SECOND, *PAUSES, LEASE - SECOND, LEASE, REQUEUE_AFTER, 4 * REQUEUE_AFTER]
SKEWS = [timedelta(0), timedelta(hours=-1), timedelta(hours=1), timedelta(days=400)]
# Few, so that much happens to each.
MOST = 2
# No row waits longer for a message, a lease or a pause.
LONGEST = 8 * REQUEUE_AFTER + max(LEASE, *PAUSES)


@dataclass
class Expected:
    """What the row of one job must say."""

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


class Machine(RuleBasedStateMachine):
    """One table of errands, and everybody who works on it."""

    model = LongErrand
    jobs = Bundle("jobs")
    leases = Bundle("leases")  # What workers were given when they claimed, held still or long lost.
    found = Bundle("found")  # What a sweep has found exhausted, and not yet given up.

    def __init__(self):
        super().__init__()
        self.model.objects.all().delete()
        self.now = BEGIN
        self.expected, self.last = {}, {}
        self.patches = [
            patch("jobs.clock.now", lambda: self.now),
            patch.object(pauses, "JITTER", 0),
        ]
        for each in self.patches:
            each.start()

    @property
    def is_long(self):
        return self.model is LongErrand

    def allowed(self, job):
        return ALLOWED + (job.faults if self.is_long else 0)

    def is_held(self, lease):
        job = self.expected[lease.job.pk]
        return not job.ended and job.attempts == lease.job.attempts

    # What happens.

    @precondition(lambda self: len(self.expected) < MOST)
    @rule(target=jobs)
    def make(self):
        """A job comes; of a long one workers are told at once, and the message may be lost."""
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
        """A worker was told, rightly or not."""
        with time_machine.travel(self.now + skew):
            claimed = self._claim_as_expected(pk)
        return claimed or multiple()

    def _claim_as_expected(self, pk):
        job = self.expected[pk]
        expected = job.is_unattended(self.now) and job.attempts < self.allowed(job)
        claimed = self._claim(pk)
        assert (claimed is not None) == expected
        return claimed

    def _claim(self, pk):
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

    @rule(target=leases, pk=jobs, times=st.integers(1, ALLOWED))
    def lose_workers(self, pk, times):
        """One after another claims it and sleeps until its lease has run out."""
        lost = []
        for _ in range(times):
            if claimed := self._claim_as_expected(pk):
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
                lease.update(**self._ended("Done"))
            return
        lease.update(**self._ended("Done"))
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
        else:
            job.ended = "Failed"

    def _fail(self, lease, reason):
        lease.update(**self._ended("Failed"), error=reason)

    def _ended(self, status):
        return {"status": status, self.model.HELD_UNTIL: None}

    # Sweeps.

    @rule(target=found)
    def look_for_exhausted(self):
        rows = list(claims.exhausted(self.model.objects.all()))
        expected = {
            pk
            for pk, job in self.expected.items()
            if job.is_unattended(self.now) and job.attempts >= self.allowed(job)
        }
        assert {row.pk for row in rows} == expected
        return multiple(*rows)

    @rule(row=consumes(found))
    def give_up(self, row):
        """The sweep goes on with what it found, whatever has happened since."""
        job = self.expected[row.pk]
        expected = (
            job.is_unattended(self.now)
            and job.attempts == row.attempts
            and job.attempts >= self.allowed(job)
        )
        reason = claims.give_up(self.model.objects.all(), row, **self._ended("Failed"))
        assert bool(reason) == expected, "it failed while its holder was alive, or never will"
        if reason:
            job.ended = "Failed"

    @rule(wakes=st.sampled_from(["renews", "fails", "fails, and the next dies"]))
    def give_up_too_late(self, wakes):
        """Between a sweep's look and its end of a job, the worker given up for dead wakes up."""
        for row in claims.exhausted(self.model.objects.all()):
            lease = self.last[row.pk]
            if wakes == "renews":
                self.renew(lease, timedelta(0))
            else:
                self.fail(lease, passes=True, skew=timedelta(0))
            if wakes == "fails, and the next dies":
                self.now += max(PAUSES)
                self._claim_as_expected(row.pk)
                self.now += LEASE
            self.give_up(row)

    @rule(skew=st.sampled_from(SKEWS))
    def tell(self, skew):
        with time_machine.travel(self.now + skew):
            told = self._tell()
            assert claims.to_tell(self.model.objects.all(), after=REQUEUE_AFTER) == []
        for pk, job in self.expected.items():
            if job.is_unattended(self.now) and pk not in told:
                assert job.told, "nobody was ever told of it"
                assert self.now - job.told < 8 * REQUEUE_AFTER, "nobody is told of it any more"

    def _tell(self):
        told = [job.pk for job in claims.to_tell(self.model.objects.all(), after=REQUEUE_AFTER)]
        for pk in told:
            job = self.expected[pk]
            assert job.is_unattended(self.now)
            assert not job.told or self.now - job.told >= REQUEUE_AFTER, "told too often"
            job.told = self.now
        return told

    @precondition(lambda self: self.expected)
    @rule(target=leases, by=st.sampled_from(["a worker", "a sweep"]))
    def tell_too_late(self, by):
        """Between a sweep's look and its note, a worker takes the job, or another sweep tells."""
        note, claimed = claims._note, []

        def overtaken(same, row, now):
            if by == "a sweep":
                assert note(same, row, now)
                self.expected[row.pk].told = now
            elif taken := self._claim(row.pk):
                claimed.append(taken)
            else:
                return note(same, row, now)
            assert not note(same, row, now)
            return False

        with patch.object(claims, "_note", overtaken):
            for row in claims.to_tell(self.model.objects.all(), after=REQUEUE_AFTER):
                self.expected[row.pk].told = self.now
        return multiple(*claimed)

    # What holds at any time.

    @invariant()
    def rows_are_as_expected(self):
        for row in self.model.objects.all():
            job = self.expected[row.pk]
            assert row.attempts == job.attempts <= self.allowed(job)
            assert (row.status if row.status in {"Done", "Failed"} else "") == job.ended
            if job.is_held(self.now):
                assert getattr(row, row.HELD_UNTIL) == job.held_until

    def teardown(self):
        """From here on each worker dies, and still no job waits for ever."""
        try:
            for _ in range(ALLOWED + len(PAUSES) + 1):
                self.now += LONGEST
                for row in claims.exhausted(self.model.objects.all()):
                    assert claims.give_up(self.model.objects.all(), row, **self._ended("Failed"))
                    self.expected[row.pk].ended = "Failed"
                for pk in self._tell():
                    assert self._claim(pk)
            assert all(job.ended for job in self.expected.values()), "a job was lost"
        finally:
            for each in self.patches:
                each.stop()
            self.model.objects.all().delete()


class ShortMachine(Machine):
    model = ShortErrand


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("errands")
@pytest.mark.parametrize("machine", [Machine, ShortMachine], ids=["long", "short"])
def test_a_job_has_one_holder_is_never_lost_and_ends(machine):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=50,
            stateful_step_count=40,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
