"""The address for Prometheus: who may read it, its form, and collectors that fail or hang."""

import logging
import time
from threading import Event

import pytest
from django.db import connection
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain

from access import tokens
from fleet.models import Store
from storemonitor.metrics import collecting
from storemonitor.readiness.verdict import DATABASE

# Collectors run in threads, with connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)


def values(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in plain(response.text)
        for sample in family.samples
    }


def up(found):
    beginning = "storemonitor_collector_up "
    return {name.removeprefix(beginning): v for name, v in found.items() if beginning in name}


def test_it_needs_a_token_that_may_read(client, settings):
    settings.ANONYMOUS_SCOPES = []
    assert client.get("/metrics").status_code == 401
    for scope, status in (("ingest", 403), ("read", 200)):
        secret = tokens.issue(name=scope, scopes=[scope], created_by="a test").secret
        response = client.get("/metrics", headers={"Authorization": f"Bearer {secret}"})
        assert response.status_code == status


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_it_answers_in_both_formats(client, path):
    response = client.get(path)
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert len([*plain(response.text)]) > 20
    # As Prometheus 3 asks.
    accept = (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    )
    response = client.get(path, headers={"Accept": accept})
    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert len([*open_metrics(response.text)]) > 20


def test_it_says_which_methods_it_has(client):
    response = client.options("/metrics")
    assert (response.status_code, response["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_every_collector_is_up_and_none_names_a_store(client):
    Store.objects.create(store_id="a-very-secret-store", name="Maple Street Diner")
    found = values(client)
    assert up(found) == dict.fromkeys(collecting.COLLECTORS, 1)
    assert "secret-store" not in str(found)
    assert "Maple" not in str(found)


def test_it_does_without_a_collector_that_fails_or_hangs(client, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    go_on = Event()

    def fail():
        raise RuntimeError("broken")

    def hang():
        go_on.wait(60)
        return []

    media, _ = collecting.COLLECTORS["media"]
    database, _ = collecting.COLLECTORS["polls"]
    monkeypatch.setattr(collecting, "PATIENCE_SECONDS", 1)
    with monkeypatch.context() as broken:
        broken.setitem(collecting.COLLECTORS, "polls", (database, fail))
        broken.setitem(collecting.COLLECTORS, "media", (media, hang))
        for _ in range(2):
            found = values(client)
    go_on.set()
    others = dict.fromkeys(collecting.COLLECTORS, 1)
    assert up(found) == others | {"polls": 0, "media": 0}
    assert "storemonitor_stores" not in found
    assert "storemonitor_workers alive" in found
    assert up(values(client)) == others
    said = [record.getMessage() for record in caplog.records if "collector" in record.getMessage()]
    assert said == [
        "collector polls: it failed: RuntimeError: broken",
        "collector media: it has not answered within 1 s",
        "collector polls: works again",
        "collector media: works again",
    ]


def test_it_keeps_no_connection(client):
    _needs_postgresql()
    for path in ("/metrics", "/readyz"):
        client.get(path)
    for line in (collecting._DATABASE, DATABASE):
        line.ask(lambda: None).result(timeout=30)  # It hangs up before.
    deadline = time.monotonic() + 30
    while _connections() > 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _connections():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def _needs_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to count, and its readers wait for nobody")


def test_it_is_stopped_by_no_locked_table(client):
    _needs_postgresql()
    lock = connection.copy()
    try:
        lock.set_autocommit(False)
        with lock.cursor() as cursor:
            cursor.execute("LOCK TABLE reports_report")
        found = up(values(client))
    finally:
        lock.close()
    others = dict.fromkeys(collecting.COLLECTORS, 1)
    # The size of a locked table cannot be read either.
    assert found == others | {"reports": 0, "waiting": 0, "tables": 0}


def test_it_counts_requests_by_the_template_of_their_address(client):
    Store.objects.create(store_id="a")
    before = values(client)
    for path in ("/api/v1/stores/a/", "/api/v1/stores/b/", "/nothing", "/admin/login/", "/healthz"):
        client.get(path)
    client.generic("BREW", "/healthz")
    found = values(client)

    def more(*labels):
        name = " ".join(["storemonitor_http_requests_total", *labels])
        return found[name] - before.get(name, 0)

    # Other tests of this process have asked for other addresses of a store.
    asked = (name for name in found if found[name] > before.get(name, 0))
    store = next(name.split()[2] for name in asked if "/api/v1/stores/<" in name)
    assert more("GET", store, "2xx") == more("GET", store, "4xx") == 1
    assert more("GET", "unknown", "4xx") == more("GET", "/admin/", "2xx") == 1
    assert more("GET", "/healthz", "2xx") == more("other", "/healthz", "4xx") == 1
    assert found[f"storemonitor_http_request_seconds_count GET {store}"] >= 2
