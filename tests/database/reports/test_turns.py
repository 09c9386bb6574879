"""Senders are served in turn, and none may have more unfinished reports than allowed."""

from functools import partial

import pytest
from django.utils import timezone

from reports import tasks
from reports.build.ending import cancel
from reports.models import Report
from reports.request.requesting import request_report
from tests.database.answers import AS_OF
from tests.database.files import ingest_polls
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ANYBODY = "API from 127.0.0.1"


@pytest.fixture(autouse=True)
def _polls():
    ingest_polls(*(f"{store},active,2023-01-25 11:00:00 UTC" for store in "abc"))


@pytest.fixture(autouse=True)
def messages(monkeypatch):
    """The queued jobs, in order; calling one does what its worker would."""
    told = []
    for task in (tasks.build_report, tasks.build_shard):
        monkeypatch.setattr(
            task, "apply_async", lambda args, task=task, **_: told.append(partial(task, *args))
        )
    return told


def ask(sender, messages=None):
    report = request_report(as_of=AS_OF, requested_by=sender).report
    if messages is not None:
        tasks.enqueue(report)
    return report


def work(messages, *, until=lambda: False):
    """Take messages, oldest first, and return whose reports became complete, in order."""
    while messages and not until():
        messages.pop(0)()
    done = Report.objects.filter(status="Complete").order_by("finished_at")
    return "".join(done.values_list("requested_by", flat=True))


def test_a_sender_with_many_reports_does_not_keep_others_waiting(messages):
    for sender in "aaaaaabbc":
        ask(sender, messages)
    assert work(messages) == "abcabaaaa"


def test_who_comes_later_is_next_and_not_before_everybody(messages):
    for _ in range(5):
        ask("a", messages)
    messages.pop(0)()
    messages.pop(0)()
    for sender in "bbb":
        ask(sender, messages)
    assert work(messages) == "aabababa"


def test_who_asks_again_and_again_has_one_turn_in_each_round(messages):
    for sender in "aaab":
        ask(sender, messages)
    for rounds in (1, 2):
        done = Report.objects.filter(requested_by="b", status="Complete")
        work(messages, until=lambda done=done, rounds=rounds: done.count() == rounds)
        ask("b", messages)
    assert work(messages) == "ababab"


def test_what_ended_before_it_began_costs_its_sender_no_turn(messages):
    for _ in range(5):
        cancel(ask("a").pk)
    ask("b", messages)
    ask("a", messages)
    for _ in range(3):
        ask("b", messages)
    assert work(messages) == "babbb"


def test_shards_of_one_sender_do_not_keep_others_waiting(messages, settings):
    settings.REPORT_SHARD_POLLS = 1
    for _ in range(4):
        ask("a", messages)
    work(messages, until=lambda: Report.objects.filter(status="Running").count() == 1)
    ask("b", messages)
    assert work(messages) == "abaaa"
    assert messages == []


def test_nothing_is_left_when_every_message_was_taken(messages, settings):
    settings.REPORT_SHARD_POLLS = 1
    for sender in "abcab":
        ask(sender, messages)
    messages.reverse()
    while messages:
        messages.pop()()
    assert set(Report.objects.values_list("status", flat=True)) == {"Complete"}


def test_two_workers_take_two_jobs(messages):
    for sender in "ab":
        ask(sender, messages)
    assert at_once(*messages) == ["Complete", "Complete"]


def test_a_message_of_a_cancelled_report_serves_another(messages):
    gone, kept = ask("a", messages), ask("b")
    Report.objects.filter(pk=gone.pk).update(status="Cancelled", finished_at=timezone.now())
    assert work(messages) == kept.requested_by


def test_a_report_that_was_begun_is_gone_on_with_first(messages):
    ask("a")
    begun = ask("b")
    Report.objects.filter(pk=begun.pk).update(
        status="Running", attempts=1, lease_expires_at=timezone.now() - timezone.timedelta(days=1)
    )
    tasks.build_report(str(begun.pk))
    assert work(messages) == "b"


# Not more than allowed.


def post(client, **body):
    return client.post("/api/v1/reports/", body, content_type="application/json")


def test_no_more_are_taken_than_one_sender_may_have(client, settings):
    settings.REPORT_MAX_UNFINISHED = 2
    assert [post(client).status_code for _ in range(3)] == [202, 202, 429]
    refused = post(client)
    assert refused.json()["code"] == "too_many_reports"
    assert int(refused["Retry-After"]) > 0
    assert Report.objects.count() == 2
    assert post(client, reuse=True).status_code == 200
    Report.objects.filter(pk=Report.objects.first().pk).update(
        status="Cancelled", finished_at=timezone.now()
    )
    assert post(client).status_code == 202


def test_each_sender_has_its_own(client, settings):
    settings.REPORT_MAX_UNFINISHED = 1
    ask("somebody else")
    assert post(client).status_code == 202


def test_a_file_is_not_stored_where_no_report_is_taken(client, settings):
    settings.REPORT_MAX_UNFINISHED = 1
    ask(ANYBODY)
    answer = client.post(
        "/trigger_report",
        "store_id,status,timestamp_utc\nz,active,2023-01-25 12:00:00 UTC\n",
        content_type="text/csv",
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_reports")
    assert "ingestion" not in answer.json()
    assert client.get("/api/v1/stores/").json()["results"][-1]["store_id"] == "c"


def test_the_admin_says_so(admin_client, settings):
    settings.REPORT_MAX_UNFINISHED = 1
    ask("admin")
    form = {"windows": "1h", "columns": "classic"}
    answer = admin_client.post("/admin/reports/report/add/", form, follow=True)
    assert "which is the limit" in answer.content.decode()
    assert Report.objects.count() == 1


def test_schedules_and_zero_have_no_limit(client, settings):
    settings.REPORT_MAX_UNFINISHED = 1
    for _ in range(3):
        ask("schedule nightly")
    settings.REPORT_MAX_UNFINISHED = 0
    assert [post(client).status_code for _ in range(3)] == [202] * 3
