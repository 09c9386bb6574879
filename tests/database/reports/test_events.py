"""GET /api/v1/reports/{id}/events/: progress as it happens, to no more listeners than allowed."""

import gc
import json
import logging
import threading
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access import tokens
from reports.http.events import stream, views
from reports.http.events.watch import Places, Watch, places
from reports.models import Report
from tests.database.answers import complete, failed, queued, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(stream, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(stream, "watch", Watch(seconds=0.02))


def path(report):
    return f"/api/v1/reports/{report.pk}/events/"


def listen(client, report, **headers):
    response = client.get(path(report), headers=headers)
    assert response.status_code == 200, response.content
    return response


def cancelled():
    return queued(status="Cancelled", finished_at="2024-01-01T00:00:00Z")


def messages(pieces):
    """Return the name, id and data of each event."""
    found = []
    for message in b"".join(pieces).decode().strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in message.splitlines())
        if "event" in lines:
            found.append((lines["event"], lines["id"], json.loads(lines["data"])))
    return found


def names(pieces):
    return [name for name, *_ in messages(pieces)]


@pytest.mark.parametrize(
    ("make", "name"),
    [(complete, "complete"), (failed, "failed"), (cancelled, "cancelled")],
)
def test_it_tells_how_a_report_ended_and_ends(client, make, name):
    report = make()
    [(event, _, data)] = messages(listen(client, report).streaming_content)
    assert event == name
    resource = client.get(f"/api/v1/reports/{report.pk}/").json()
    assert data == {field: resource[field] for field in data}
    assert {"id", "status", "progress", "error", "download"} <= set(data)


def test_it_tells_each_step_once(client):
    report = running(stores_total=100, stores_done=0)
    failure = {"status": "Failed", "error": "no", "finished_at": timezone.now()}
    steps = iter([{"stores_done": 30}, {"stores_done": 60}, failure])
    told = []
    for piece in listen(client, report).streaming_content:
        told.append(piece)
        if b"event:" in piece:
            Report.objects.filter(pk=report.pk).update(**next(steps, {"attempts": 9}))

    events = messages(told)
    assert [name for name, *_ in events] == ["progress", "progress", "progress", "failed"]
    assert [data["progress"]["percent"] for *_, data in events] == [0, 30, 60, 60]
    assert events[-1][2]["error"] == "no"
    assert len({state for _, state, _ in events}) == 4


def test_it_says_when_to_come_back_and_keeps_proxies_from_holding_it_back(client):
    response = listen(client, complete())
    assert next(iter(response.streaming_content)) == b"retry: 2000\n\n"
    assert response["Content-Type"] == "text/event-stream"
    assert response["X-Accel-Buffering"] == "no"
    assert {"no-cache", "no-transform"} <= set(response["Cache-Control"].split(", "))
    response.close()


def test_it_goes_on_where_a_listener_left(client):
    report = running(stores_total=100, stores_done=30)
    response = listen(client, report)
    pieces = iter(response.streaming_content)
    [(_, state, _)] = messages([next(pieces), next(pieces)])
    response.close()

    Report.objects.filter(pk=report.pk).update(
        status="Failed", error="no", finished_at=timezone.now()
    )
    assert names(listen(client, report, **{"Last-Event-ID": state}).streaming_content) == ["failed"]


def test_it_does_not_repeat_the_step_that_a_listener_knows(client, monkeypatch):
    report = running()
    state = stream.event_id(report)
    monkeypatch.setattr(stream, "LISTEN_SECONDS", 0)
    told = b"".join(listen(client, report, **{"Last-Event-ID": state}).streaming_content)
    assert told == b"retry: 2000\n\n: connect again\n\n"


def test_it_has_nothing_more_to_tell_to_who_knows_the_end(client):
    report = complete()
    [(_, state, _)] = messages(listen(client, report).streaming_content)
    response = client.get(path(report), headers={"Last-Event-ID": state})
    assert (response.status_code, response.content) == (204, b"")


def test_it_writes_while_there_is_nothing_to_tell(client, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0)
    response = listen(client, running())
    pieces = iter(response.streaming_content)
    assert [next(pieces) for _ in range(4)][2:] == [b": still here\n\n"] * 2
    response.close()


def test_it_ends_when_the_process_is_to_end(client, monkeypatch):
    ends = threading.Event()
    ends.set()
    monkeypatch.setattr(stream, "process_ends", ends)
    told = b"".join(listen(client, running()).streaming_content)
    assert told.endswith(b": connect again\n\n")


def test_it_says_that_a_report_was_deleted(client):
    report = running()
    response = listen(client, report)
    pieces = iter(response.streaming_content)
    first = [next(pieces), next(pieces)]
    Report.objects.all().delete()
    assert names([*first, *pieces]) == ["progress", "deleted"]


def test_it_ends_when_the_database_goes_away(client, monkeypatch, caplog):
    def away(_):
        raise OperationalError("no")

    response = listen(client, running())
    pieces = iter(response.streaming_content)
    _ = [next(pieces), next(pieces)]
    monkeypatch.setattr(stream.watch, "report", away)
    with caplog.at_level(logging.WARNING, "reports.http.events.stream"):
        assert b"connect again" in b"".join(pieces)
    assert "its listeners were disconnected" in caplog.text
    response.close()


def test_it_sends_away_who_finds_no_place(client, monkeypatch, caplog):
    monkeypatch.setattr(views, "MOST_LISTENERS", 1)
    report = running()
    first = listen(client, report)
    refused = client.get(path(report))
    assert (refused.status_code, refused.json()["code"]) == (503, "too_many_listeners")
    assert refused["Retry-After"] == "5"
    assert "TooManyListeners: There are too many listeners" in caplog.text
    assert not any(record.exc_info for record in caplog.records)
    first.close()
    listen(client, report).close()


def test_a_place_is_free_again_after_an_answer_that_was_never_sent(client, monkeypatch):
    monkeypatch.setattr(views, "MOST_LISTENERS", 1)
    report = running()
    response = listen(client, report)
    del response
    gc.collect()
    listen(client, report).close()


def test_head_takes_no_place(client, monkeypatch):
    monkeypatch.setattr(views, "MOST_LISTENERS", 1)
    report = running()
    response = client.head(path(report))
    assert (response.status_code, response["Content-Type"]) == (200, "text/event-stream")
    listen(client, report).close()


@pytest.mark.parametrize(
    ("report_id", "status"), [("1", 400), ("00000000-0000-4000-8000-000000000000", 404)]
)
def test_it_knows_no_other_reports(client, report_id, status):
    assert client.get(f"/api/v1/reports/{report_id}/events/").status_code == status


def test_it_sends_nothing_but_events(client):
    response = client.get(path(complete()), headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


def test_all_listeners_of_a_process_share_one_query():
    reports = [running() for _ in range(5)]
    watch = Watch(seconds=60)
    for report in reports:
        watch.begin(report.pk)
    with CaptureQueriesContext(connection) as queries:
        found = [watch.report(report.pk) for report in reports * 3]
    assert [report.pk for report in found] == [report.pk for report in reports * 3]
    assert len(queries) == 1


def test_it_asks_no_more_for_reports_that_nobody_listens_to():
    report = running()
    watch = Watch(seconds=0)
    watch.begin(report.pk)
    watch.begin(report.pk)
    watch.end(report.pk)
    assert watch.report(report.pk) == report
    watch.end(report.pk)
    with CaptureQueriesContext(connection) as queries:
        assert watch.report(report.pk) is None
    assert len(queries) == 0


def test_a_new_listener_is_told_nothing_older_than_it_knows():
    report = running(stores_done=1)
    watch = Watch(seconds=60)
    watch.begin(report.pk)
    watch.report(report.pk)
    Report.objects.filter(pk=report.pk).update(stores_done=2)
    watch.begin(report.pk)
    assert watch.report(report.pk).stores_done == 2


def test_it_keeps_no_connection_while_it_waits(client):
    response = listen(client, running())
    pieces = iter(response.streaming_content)
    _ = [next(pieces), next(pieces)]
    assert connection.connection is None
    response.close()


def test_no_more_places_are_taken_than_there_are():
    rooms, taken = Places(), []
    threads = [threading.Thread(target=lambda: taken.append(rooms.take(3))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 3
    rooms.leave()
    assert rooms.take(3)


def test_places_are_free_after_all_of_this(client):
    for _ in range(20):
        list(listen(client, complete()).streaming_content)
    gc.collect()
    most = 3
    assert [places.take(most) for _ in range(most + 1)] == [True] * most + [False]
    for _ in range(most):
        places.leave()


def test_a_forgotten_stream_may_be_collected_while_a_lock_is_held(client, monkeypatch):
    monkeypatch.setattr(views, "MOST_LISTENERS", 1)
    response = listen(client, running())
    done = threading.Event()

    def collect():
        # As if the garbage collector ran inside of what holds the locks.
        with places._lock, stream.watch._lock:
            gc.collect()
        done.set()

    del response
    threading.Thread(target=collect, daemon=True).start()
    assert done.wait(10), "it takes a lock that its own thread holds"
    listen(client, running()).close()


# Of who may not any more.


def issued(**values):
    return tokens.issue(name="listener", scopes=["read"], created_by="a test", **values)


def revoked(client):
    token = issued()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token.secret}"
    return partial(tokens.revoke, token.token, at=timezone.now())


def logged_in(client, django_user_model):
    user = django_user_model.objects.create_superuser("ann", password="x")
    client.force_login(user)
    return user


def disabled(client, django_user_model):
    user = logged_in(client, django_user_model)
    return partial(django_user_model.objects.filter(pk=user.pk).update, is_active=False)


def logged_out(client, django_user_model):
    logged_in(client, django_user_model)
    return partial(Session.objects.all().delete)


@pytest.mark.parametrize("make", [revoked, disabled, logged_out])
def test_it_ends_for_who_may_not_listen_any_more(
    client, settings, monkeypatch, django_user_model, make
):
    settings.ANONYMOUS_SCOPES = []
    monkeypatch.setattr(stream, "ALLOWED_SECONDS", 0)
    end = make(client) if make is revoked else make(client, django_user_model)
    pieces = iter(listen(client, running()).streaming_content)
    _ = [next(pieces), next(pieces)]
    end()
    assert next(pieces) == b": you may not listen any more\n\n"
    assert list(pieces) == []
