"""Broken on purpose: the data. The doctor names each fault, and how to mend it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fleet.models import Poll, Store
from tests.database.admin_pages import polled
from tests.database.files import ingest_polls, ingest_time_zones
from tests.database.storemonitor.doctor.asking import asked, do, is_clean, told, weeks_dropped

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _healthy(healthy):
    return healthy


def moved_to(instant):
    """The one poll was of another time."""
    Poll.objects.all().delete()
    Store.objects.all().delete()
    ingest_polls(f"a,active,{instant:%Y-%m-%d %H:%M:%S} UTC")


def test_polls_have_stopped():
    moved_to(timezone.now() - 7 * HOUR)
    level, reason, remedy = told("polls")
    assert level == "WARN"
    assert reason.startswith("none has arrived since ")
    assert "the poller and its delivery" in remedy
    ingest_polls(f"a,active,{timezone.now():%Y-%m-%d %H:%M:%S} UTC")
    assert is_clean("polls")


def test_historic_data_is_no_fault():
    moved_to(timezone.now() - timedelta(days=90))
    _, checks = asked("polls")
    assert "this is historic data" in checks["polls"]["findings"][0]["reason"]


def test_no_data_is_no_fault():
    Poll.objects.all().delete()
    _, checks = asked("polls")
    assert "./run manage ingest DIR" in checks["polls"]["findings"][0]["reason"]


def test_the_clock_of_the_poller_is_ahead():
    moved_to(timezone.now() + 2 * HOUR)
    level, reason, remedy = told("polls")
    assert level == "WARN"
    assert reason.startswith("the newest poll is in the future")
    assert "of the poller" in remedy


def test_polls_are_of_the_next_century():
    late = timezone.now() + timedelta(days=36500)
    Poll.objects.create(polled_at=late, store=Store.objects.get(), status=1)
    Store.objects.update(last_polled_at=late)
    level, reason, remedy = told("polls")
    assert level == "WARN"
    assert reason == "polls of a are more than 24 hours ahead: no report uses them"
    do(remedy.partition(" --apply")[0])
    assert Poll.objects.count() == 2
    do(remedy)
    assert is_clean("polls")
    assert Store.objects.get().last_polled_at == Poll.objects.get().polled_at
    assert is_clean("partitions")


def test_a_store_has_no_time_zone():
    polled("b", timezone.now())
    level, reason, remedy = told("time zones")
    assert level == "WARN"
    assert reason == "1 store has none, so America/Chicago is used: b"
    assert remedy.startswith("./run manage ingest FILE, with store_id,timezone_str")
    ingest_time_zones("b,Europe/Berlin")
    assert is_clean("time zones")


def test_made_up_stores_are_among_real_ones():
    polled("made up", timezone.now(), is_sample=True)
    level, reason, remedy = told("sample")
    assert level == "WARN"
    assert reason == "1 made-up store among 1 real ones: reports list both"
    assert "the first of them removes the sample" in remedy
    ingest_polls(f"a,active,{timezone.now():%Y-%m-%d %H:%M:%S} UTC")
    assert is_clean("sample")
    weeks_dropped()
