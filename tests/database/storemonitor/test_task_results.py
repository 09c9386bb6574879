"""Results of tasks: over a connection that was cut, and without a database at all."""

import psycopg
import pytest
from django.db import OperationalError, connection
from django_celery_results.models import TaskResult

from storemonitor.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


def stored():
    return list(TaskResult.objects.order_by("pk").values_list("task_id", "status"))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to cut")
def test_it_stores_a_result_though_its_connection_was_cut():
    app.backend.mark_as_revoked("first", "expired")
    pid, params = connection.connection.info.backend_pid, connection.get_connection_params()
    named = {name: params[name] for name in ("dbname", "user", "host", "port") if name in params}
    with psycopg.connect(**named) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    app.backend.mark_as_revoked("second", "expired")

    assert stored() == [("first", "REVOKED"), ("second", "REVOKED")]


def test_it_logs_a_result_that_cannot_be_stored(monkeypatch, caplog):
    attempts = []

    def away(**given):
        attempts.append(given["task_id"])
        raise OperationalError("the connection is closed")

    with monkeypatch.context() as patch:
        patch.setattr(TaskResult.objects, "store_result", away)
        app.backend.mark_as_revoked("lost", "expired")
    assert attempts == ["lost", "lost"]
    assert "the result REVOKED of task lost was not stored: the connection is closed" in caplog.text
    app.backend.mark_as_done("found", 1)
    assert stored() == [("found", "SUCCESS")]
