"""The e-mail about a run, by a real server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import environ
import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from api.errors.reasons import DATABASE, INTERNAL
from jobs.pauses import JITTER
from reports.models import Report
from schedules import runs, tasks
from schedules.models import Schedule, ScheduledRun
from tests.database.answers import TEXT, complete, failed
from tests.database.clocks import standing_still
from tests.database.schedules.runs.beginning import fresh, make
from tests.mailbox import mailbox

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
SITE = "https://monitor.example.com"


@pytest.fixture
def clock():
    with standing_still(NOW) as moved:
        yield moved


@pytest.fixture
def box(settings):
    with mailbox() as box:
        set_server(settings, box.url)
        yield box


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch):
    """Nothing is sent to workers."""
    monkeypatch.setattr(tasks.mail, "apply_async", lambda **_: None)


def set_server(settings, url):
    """Do what the settings do with EMAIL_URL; pytest-django replaced it with its own mailbox."""
    settings.SITE_URL = SITE
    settings.EMAIL_URL = url
    for name, value in environ.Env().email_url_config(url).items():
        setattr(settings, name, value)


def waiting(report=None, **values):
    """A run whose report has ended."""
    schedule = make(recipients=["a@example.com", "b@example.com"], **values)
    due = {"period": "2024-03-10", "due_at": NOW, "created_at": NOW}
    report = report or complete()
    return ScheduledRun.objects.create(schedule=schedule, report=report, **due)


def sent(run):
    """Continue a run and send its e-mail if it is due; return the run."""
    tasks.go_on()
    runs.mail(run.pk)
    return fresh(run)


def test_it_says_where_the_report_is(box):
    run = sent(waiting())

    assert (run.status, run.attempts, run.error) == ("Done", 1, "")
    assert run.mailed_at is not None
    [(sender, recipients, message)] = box.received
    assert recipients == ["a@example.com", "b@example.com"]
    assert sender == "store-monitoring@localhost"
    assert message["To"] == "a@example.com, b@example.com"
    assert message["Subject"] == "Every morning, 2024-03-10: report complete"
    text = message.get_content()
    assert f"{SITE}/admin/reports/report/{run.report_id}/change/" in text
    assert f"{SITE}/api/v1/reports/{run.report_id}/download/" in text
    assert "as of 2024-03-10 07:00 America/Chicago (2024-03-10 12:00 UTC)" in text
    assert run.report.sha256 in text


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("uptime", "stores"),
        ("rollup", "sums of the fleet, time zones and tags"),
        ("outages", "outages"),
        ("targets", "results of targets"),
    ],
)
def test_it_says_what_the_rows_are(box, kind, said):
    targets = [] if kind == "targets" else None
    run = sent(waiting(complete(kind=kind, targets=targets)))
    [(_, _, message)] = box.received
    assert f"{run.report.row_count} {said}, " in message.get_content()


def test_it_brings_the_report(box):
    run = sent(waiting(mail_as="attachment"))

    [(_, _, message)] = box.received
    [attached] = message.iter_attachments()
    assert attached.get_content_type() == "text/csv"
    assert attached.get_filename() == (f"store-report-20230125T181322Z-{run.report_id.hex[:8]}.csv")
    assert attached.get_payload(decode=True) == TEXT.encode()


def test_it_says_where_the_report_is_that_is_too_large_to_bring(box, settings):
    settings.EMAIL_MAX_ATTACHMENT_BYTES = 3
    sent(waiting(mail_as="attachment"))

    [(_, _, message)] = box.received
    assert list(message.iter_attachments()) == []
    assert "too large to attach" in message.get_content()
    assert "/download/" in message.get_content()


def test_it_says_of_a_damaged_report_that_it_is_not_brought(box):
    report = complete()
    Path(default_storage.path(report.file.name)).write_bytes(b"store_id")
    sent(waiting(report, mail_as="attachment"))
    [(*_, message)] = box.received
    assert list(message.iter_attachments()) == []
    assert "The file is damaged" in message.get_body().get_content()


def test_it_says_why_there_is_no_report(box):
    run = sent(waiting(failed("RuntimeError: the disk is full")))

    [(_, _, message)] = box.received
    assert message["Subject"].endswith(": report failed")
    assert "the disk is full" in message.get_content()
    assert (run.status, run.mailed_at is None) == ("Failed", False)
    assert "the disk is full" in run.error


def test_it_is_sent_once(box):
    run = waiting()
    for _ in range(3):
        sent(run)
    assert len(box.received) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_it_is_sent_again_until_the_server_takes_it(box, clock, command):
    box.refusals = {command: ["451 later"] * 2}
    run = waiting()
    run = sent(run)
    assert (run.status, "451" in run.error or "later" in run.error) == ("Mailing", True)

    clock.move_to(run.next_attempt_at)
    run = sent(run)
    while run.status == "Mailing":
        clock.move_to(run.next_attempt_at)
        run = sent(run)

    assert (run.status, run.error, len(box.received)) == ("Done", "", 1)
    assert run.attempts in {2, 3}


def test_it_may_come_twice_under_the_same_id_where_the_reply_was_lost(box, clock):
    box.dropping = 1
    run = sent(waiting())
    assert run.status == "Mailing"
    clock.move_to(run.next_attempt_at)

    run = sent(run)

    assert run.status == "Done"
    first, second = (message for _, _, message in box.received)
    assert first["Message-ID"] == second["Message-ID"]
    assert run.pk.hex in first["Message-ID"]


def test_it_is_sent_again_where_the_worker_died_before_it_could_say_so(box, clock):
    run = waiting()
    tasks.go_on()
    claimed = runs.claim(run.pk)
    runs.mails.send(claimed)  # And then the worker is killed.
    assert runs.claim(run.pk) is None
    clock.shift(runs.LEASE)

    run = sent(run)

    assert (run.status, run.attempts, len(box.received)) == ("Done", 2, 2)


def test_it_is_given_up_where_nobody_listens(settings, clock):
    set_server(settings, "smtp://127.0.0.1:1")
    run = sent(waiting())
    while run.status == "Mailing":
        clock.move_to(run.next_attempt_at)
        run = sent(run)

    assert (run.status, run.attempts) == ("Failed", ScheduledRun.ALLOWED)
    assert "ConnectionRefusedError" in run.error
    assert timezone.now() - NOW > timedelta(hours=8) * (1 - JITTER)


def test_it_is_given_up_at_once_where_every_recipient_is_refused_for_good(box):
    box.refusals = {"RCPT": ["550 no such user"] * 2}
    run = sent(waiting())
    assert (run.status, run.attempts) == ("Failed", 1)
    assert "no such user" in run.error


def test_it_is_given_up_when_the_worker_died_at_the_last_attempt(clock):
    run = waiting()
    tasks.go_on()
    ScheduledRun.objects.update(attempts=ScheduledRun.ALLOWED)

    tasks.go_on()

    assert fresh(run).status == "Failed"
    assert "The worker died" in fresh(run).error


def test_it_says_that_no_server_is_set(settings):
    settings.EMAIL_URL = ""
    run = sent(waiting())
    assert run.status == "Mailing"
    assert "EMAIL_URL and SITE_URL must be set" in run.error


def test_it_says_that_the_report_was_deleted_before_the_e_mail_went_out(box):
    run = waiting()
    tasks.go_on()
    Report.objects.all().delete()
    run = sent(run)
    assert (run.status, run.error) == ("Failed", "The report was deleted.")
    assert box.received[0][2]["Subject"].endswith(": no report")


def test_it_cannot_be_made_to_carry_headers_of_its_own(box):
    run = waiting()
    Schedule.objects.update(name="Innocent\r\nBcc: victim@example.com")

    with pytest.raises(ValueError, match="newlines"):
        sent(run)

    assert box.received == []
    run = fresh(run)
    assert (run.status, run.attempts, run.error) == ("Failed", 1, f"No e-mail: {INTERNAL}")


def test_it_is_sent_later_where_the_database_was_away(box, clock, monkeypatch):
    run = waiting()
    with monkeypatch.context() as patched:

        def away(_):
            raise OperationalError("connection to 10.0.0.7 lost")

        patched.setattr(runs.mails, "send", away)
        with pytest.raises(OperationalError):
            sent(run)
    run = fresh(run)
    assert (run.status, run.error) == ("Mailing", f"No e-mail: {DATABASE}")
    clock.move_to(run.next_attempt_at)
    assert sent(run).status == "Done"


def test_it_is_left_alone_by_a_worker_that_comes_too_late(box, clock, monkeypatch):
    run, send = waiting(), runs.mails.send

    def slowly(claimed):
        monkeypatch.setattr(runs.mails, "send", send)
        clock.shift(runs.LEASE)
        assert sent(run).attempts == 2
        send(claimed)

    monkeypatch.setattr(runs.mails, "send", slowly)
    run = sent(run)
    assert (run.status, run.attempts, len(box.received)) == ("Done", 2, 2)
