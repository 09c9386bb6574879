"""Whatever workers, clocks and queues do, a job has one holder, is never lost, and ends.

Hypothesis draws what happens: claims, workers that die or sleep and wake up late, clocks that are
off, messages that are lost, failures that pass and that do not, sweeps that meet workers. After
each step the rows are held against what the model expects.
"""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jobs import claims
from tests.database.jobs.errands import ALLOWED, LEASE, PAUSES, REQUEUE_AFTER, ShortErrand
from tests.database.jobs.workers import SKEWS, Workers

# No row waits longer for a message, a lease or a pause.
LONGEST = 8 * REQUEUE_AFTER + max(LEASE, *PAUSES)


class Machine(Workers):
    """Sweeps between the workers, and the invariants."""

    found = Bundle("found")  # What a sweep has found exhausted, and not yet given up.

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
        reason = claims.give_up(self.model.objects.all(), row, **self.as_ended("Failed"))
        assert bool(reason) == expected, "it failed while its holder was alive, or never will"
        if reason:
            job.ended = "Failed"

    @precondition(lambda self: self.has_room())
    @rule(wakes=st.sampled_from(["renews", "finishes", "fails"]), skew=st.sampled_from(SKEWS[1:]))
    def write_too_late(self, wakes, skew):
        """A worker dies after its message, the next gets the job, and the first wakes up."""
        pk = self.make()
        self.tell(timedelta(0))
        first = self.claim_as_expected(pk)
        self.now += LEASE
        self.tell(timedelta(0))
        assert self.claim_as_expected(pk)
        if wakes == "renews":
            self.renew(first, skew)
        elif wakes == "finishes":
            self.finish(first)
        else:
            self.fail(first, passes=False, skew=skew)

    @precondition(lambda self: self.has_room())
    @rule(
        wakes=st.sampled_from(["renews", "fails", "fails, the next dies", ""]),
        skew=st.sampled_from(SKEWS[1:]),
    )
    def give_up_too_late(self, wakes, skew):
        """Between a sweep's query and its end of a job, or after, a worker given up wakes up."""
        self.lose_workers(self.make(), ALLOWED + 1)
        for row in claims.exhausted(self.model.objects.all()):
            lease = self.last[row.pk]
            if wakes == "renews":
                self.renew(lease, skew)
            elif wakes:
                self.fail(lease, passes=True, skew=skew)
            if wakes == "fails, the next dies":
                self.now += max(PAUSES)
                self.claim_as_expected(row.pk)
                self.now += LEASE
            self.give_up(row)
            self.finish(lease)

    @rule(skew=st.sampled_from(SKEWS))
    def tell(self, skew):
        with time_machine.travel(self.now + skew):
            told = self._tell()
            assert claims.mark_queued(self.model.objects.all(), after=REQUEUE_AFTER) == []
        for pk, job in self.expected.items():
            if job.is_unattended(self.now) and pk not in told:
                assert job.told, "it was never queued"
                assert self.now - job.told < 8 * REQUEUE_AFTER, "it is no longer queued"

    @rule(times=st.integers(1, 6))
    def lose_messages(self, times):
        for _ in range(times):
            self.now += 8 * REQUEUE_AFTER
            self.tell(timedelta(0))

    def _tell(self):
        told = [job.pk for job in claims.mark_queued(self.model.objects.all(), after=REQUEUE_AFTER)]
        for pk in told:
            job = self.expected[pk]
            assert job.is_unattended(self.now)
            assert not job.told or self.now - job.told >= REQUEUE_AFTER, "told too often"
            job.told = self.now
        return told

    @precondition(lambda self: self.expected)
    @rule(target=Workers.leases, by=st.sampled_from(["a worker", "a sweep"]))
    def tell_too_late(self, by):
        """Between a sweep's query and its note, the job is claimed, or another sweep queues it."""
        note, claimed = claims._note, []

        def overtaken(same, row, now):
            if by == "a sweep":
                assert note(same, row, now)
                self.expected[row.pk].told = now
            elif taken := self.just_claim(row.pk):
                claimed.append(taken)
            else:
                return note(same, row, now)
            assert not note(same, row, now)
            return False

        with patch.object(claims, "_note", overtaken):
            for row in claims.mark_queued(self.model.objects.all(), after=REQUEUE_AFTER):
                self.expected[row.pk].told = self.now
        return multiple(*claimed)

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
                    assert claims.give_up(self.model.objects.all(), row, **self.as_ended("Failed"))
                    self.expected[row.pk].ended = "Failed"
                for pk in self._tell():
                    assert self.just_claim(pk)
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
            max_examples=25,
            stateful_step_count=30,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
