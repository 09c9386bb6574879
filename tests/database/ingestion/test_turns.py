"""Files of one feed are stored in the order in which they were accepted."""

import io
from contextlib import suppress
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError, connection

from feeds.errors import UnusableFile
from fleet.models import BusinessHours, Poll
from ingestion import services, tasks
from ingestion.http import uploads
from ingestion.models import Ingestion
from ingestion.queue import queued, starting
from ingestion.storing import loader
from tests.database.files import HOURS, STATUS, csv, ingest
from tests.database.waiting import run_out, status

pytestmark = pytest.mark.django_db(transaction=True)

INSTANT = "2024-01-15 09:00:00 UTC"
FIRST = csv(STATUS, f"a,active,{INSTANT}")
SECOND = csv(STATUS, f"a,inactive,{INSTANT}")
OPENINGS = csv(HOURS, "a,0,09:00,17:00")
NOT_A_FEED = "name,age\n"


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The queued ingestions, in order."""
    told = []
    monkeypatch.setattr(tasks, "_send", told.append)
    return told


def upload(text):
    return SimpleUploadedFile("feed.csv", text.encode())


def queue(text, feed=""):
    return starting.queue_upload(upload(text), requested_by="a test", feed=feed)


def work(record):
    """Do what a worker does with a message; return the ingestion's status."""
    with suppress(OperationalError):
        tasks.ingest_upload(record.pk)
    return status(record)


@pytest.fixture
def failing(monkeypatch):
    """Has the next attempt lose its connection, or whatever else it is given."""

    def fail_with(error):
        def fail(*_):
            monkeypatch.undo()
            monkeypatch.setattr(tasks, "_send", lambda _: None)
            raise error

        monkeypatch.setattr(loader, "_touch", fail)

    return fail_with


def test_it_stores_a_file_that_is_tried_again_before_a_later_one(failing):
    first, second = queue(FIRST), queue(SECOND)
    failing(OperationalError("connection lost"))
    assert work(first) == "Running"
    assert work(second) == "Queued"
    Ingestion.objects.filter(pk=first.pk).update(due_at=None)
    assert work(first) == "Complete"
    assert work(second) == "Complete"
    assert not Poll.objects.get().status


def test_it_keeps_a_later_file_waiting_while_a_dead_workers_lease_runs_and_after():
    first, second = queue(FIRST), queue(SECOND)
    assert queued.claim(first.pk)
    assert work(second) == "Queued"
    run_out(first)
    assert work(second) == "Queued"
    assert queued.sweep() == [first.pk]
    assert work(first) == "Complete"
    assert work(second) == "Complete"


def test_it_tells_the_workers_of_the_next_file_when_one_ends(sent):
    first, second, third = queue(FIRST), queue(SECOND), queue(FIRST)
    sent.clear()
    for ended, told in ((first, [second.pk]), (second, [third.pk]), (third, [])):
        assert work(ended) == "Complete"
        assert sent == told
        sent.clear()


def test_it_tells_the_workers_of_the_next_file_when_one_fails_for_good(sent, monkeypatch):
    first, second = queue(FIRST), queue(SECOND)
    sent.clear()
    with monkeypatch.context() as patched:
        patched.setattr(loader, "_touch", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tasks.ingest_upload(first.pk)
    assert (status(first), sent) == ("Failed", [second.pk])
    assert work(second) == "Complete"


def test_it_tells_the_workers_of_the_next_file_when_the_sweep_gives_one_up(sent):
    first, second = queue(FIRST), queue(SECOND)
    Ingestion.objects.filter(pk=first.pk).update(attempts_allowed=1)
    queued.claim(first.pk)
    run_out(first)
    sent.clear()
    tasks.sweep()
    assert (status(first), sent) == ("Failed", [second.pk])


def test_it_lets_files_of_other_feeds_go():
    queue(FIRST)
    assert work(queue(OPENINGS)) == "Complete"
    assert BusinessHours.objects.count() == 1


def test_it_learns_the_feed_from_the_header_when_it_accepts_a_file():
    assert [queue(text).feed for text in (FIRST, OPENINGS, NOT_A_FEED)] == ["status", "hours", ""]


def test_it_keeps_all_waiting_behind_a_file_of_no_known_feed_until_a_worker_refuses_it(sent):
    unknown, polls = queue(NOT_A_FEED), queue(FIRST)
    assert work(polls) == "Queued"
    sent.clear()
    assert work(unknown) == "Failed"
    assert sent == [polls.pk]
    assert work(polls) == "Complete"


def test_a_file_of_no_known_feed_waits_for_all_that_came_before():
    queue(FIRST)
    assert work(queue(NOT_A_FEED)) == "Queued"


def test_it_keeps_a_file_waiting_while_an_earlier_request_is_being_stored(sent):
    sync = Ingestion.objects.create(
        name="a", feed="status", requested_by="b", lease_expires_at="2999-01-01T00:00Z"
    )
    waits = queue(FIRST)
    assert work(waits) == "Queued"
    run_out(sync)
    assert work(waits) == "Complete"


def test_it_does_not_store_a_file_tried_again_beside_a_later_one_that_is_being_stored():
    first, second = queue(FIRST), queue(SECOND)
    queued.fail(first.pk, "the media were full")
    queued.claim(second.pk)
    assert starting.start_again(first)
    assert work(first) == "Queued"
    run_out(second)
    assert work(first) == "Complete"


@pytest.mark.parametrize("address", ["/api/v1/polls/", "/api/v1/ingestions/"])
def test_it_queues_a_small_file_behind_one_that_waits(client, address):
    queue(FIRST)
    answer = client.post(address, SECOND.encode(), content_type="text/csv")
    assert answer.status_code == 202
    assert Poll.objects.count() == 0
    first, second = Ingestion.objects.order_by("pk")
    assert (second.status, second.feed) == ("Queued", "status")
    assert (work(first), work(second)) == ("Complete", "Complete")
    assert not Poll.objects.get().status


def test_it_stores_a_small_file_at_once_beside_one_of_another_feed(client):
    queue(OPENINGS)
    answer = client.post("/api/v1/polls/", FIRST.encode(), content_type="text/csv")
    assert answer.status_code == 200


def test_it_asks_the_sender_of_a_report_with_a_file_to_come_again_where_one_waits(client):
    queue(FIRST)
    answer = client.post("/trigger_report", SECOND.encode(), content_type="text/csv")
    assert (answer.status_code, answer.json()["code"]) == (409, "earlier_file_waits")
    assert answer["Retry-After"] == "1"
    assert Ingestion.objects.count() == 1


def test_the_command_waits_for_an_earlier_file_of_its_feed(tmp_path):
    first = queue(FIRST)
    path = tmp_path / "second.csv"
    path.write_text(SECOND)
    said = io.StringIO()

    def run():
        call_command("ingest", str(path), stderr=said)
        connection.close()

    command = Thread(target=run)
    command.start()
    while Ingestion.objects.filter(feed="status").count() < 2 and command.is_alive():
        pass
    assert command.is_alive()
    assert work(first) == "Complete"
    command.join(timeout=30)
    assert not command.is_alive()
    assert f"a worker must first store 'feed.csv' (ingestion {first.pk})" in said.getvalue()
    assert "If no worker is running, start one with ./run" in said.getvalue()
    assert not Poll.objects.get().status


@pytest.mark.parametrize("text", [SECOND, NOT_A_FEED])
def test_it_tells_the_workers_whose_turn_it_is_when_a_request_ends(sent, text, monkeypatch):
    records = []

    def ingest_meanwhile(*arguments, **options):
        records.append(queue(FIRST))
        sent.clear()
        return services.ingest(*arguments, **options)

    monkeypatch.setattr(uploads, "ingest", ingest_meanwhile)
    with suppress(UnusableFile):
        uploads.ingest_upload(upload(text), requested_by="a test")
    assert sent == [records[0].pk]


def test_it_knows_the_feed_of_an_ingestion_before_its_rows_are_read():
    seen = []
    ingest(FIRST, before_rows=lambda _: seen.append(Ingestion.objects.get().feed))
    assert seen == ["status"]
