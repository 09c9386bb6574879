"""Services are unavailable or full: 503 with Retry-After, and nothing half written."""

import errno
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from adbc_driver_manager import OperationalError as ArrowReadError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, OperationalError
from kombu.exceptions import OperationalError as BrokerError
from psycopg.errors import ReadOnlySqlTransaction, UndefinedFile

from fleet.models import Poll, Store
from ingestion import services
from ingestion.models import Ingestion

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "store_id,status,timestamp_utc\n"
ROWS = "a,active,2023-01-25 10:00:00 UTC\n"
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


def send(client, body, **headers):
    return client.post("/api/v1/polls/", HEADER + body, content_type="text/csv", headers=headers)


def check(response, code):
    assert (response.status_code, response.json()["code"]) == (503, code), response.content
    assert int(response["Retry-After"]) > 0
    assert response["Content-Type"] == "application/problem+json"
    assert b"space left" not in response.content


def kept():
    """Return every file in media storage."""
    return [path for path in Path(default_storage.location).rglob("*") if path.is_file()]


def cut_short(content):
    """Yield bytes that fit on the disk, then fail because it is full."""
    yield content.read(1)
    raise FULL


def read_only(*_, **__):
    raise InternalError("cannot execute INSERT") from ReadOnlySqlTransaction()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (OperationalError("the connection is closed"), "database_unavailable"),
        (ArrowReadError("server closed", status_code=10), "database_unavailable"),
        (FULL, "storage_unavailable"),
        (BrokerError("refused"), "broker_unreachable"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/polls/", "/admin/ingestion/ingestion/add/"])
def test_it_answers_503_for_whatever_is_away(client, admin_client, path, fault, code, caplog):
    in_admin = path.startswith("/admin/")
    place = (
        "ingestion.backoffice.admin_ingestions.queue_upload"
        if in_admin
        else "ingestion.http.uploads.ingest"
    )
    with patch(place, side_effect=fault):
        if not in_admin:
            check(send(client, ROWS), code)
            return
        admin_client.raise_request_exception = False
        form = {"uploads": SimpleUploadedFile("a.csv", b"x"), "whole": "on"}
        response = admin_client.post(path, form)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Content-Type"].startswith("text/html")
    assert str(fault) not in response.content.decode()


def test_it_answers_503_where_the_database_takes_no_writes(client):
    with patch.object(Ingestion.objects, "create", read_only):
        check(send(client, ROWS), "database_unavailable")


def test_it_answers_500_for_what_is_no_fault_of_the_surroundings(client):
    def broken(*_, **__):
        raise InternalError("broken") from UndefinedFile()

    with patch.object(Ingestion.objects, "create", broken):
        assert send(client, ROWS).status_code == 500


def test_a_synchronous_send_whose_known_polls_cannot_be_read_is_503(client):
    Store.objects.create(store_id="a")
    with patch(
        "ingestion.storing.loader.snapshot", side_effect=ArrowReadError("gone", status_code=10)
    ):
        check(send(client, ROWS), "database_unavailable")
    assert not Poll.objects.exists()
    assert send(client, ROWS).status_code == 200


def test_a_full_disk_leaves_nothing_of_an_upload_that_was_to_wait(client):
    with patch("django.core.files.base.File.chunks", cut_short):
        check(send(client, ROWS, Prefer="respond-async"), "storage_unavailable")
    assert kept() == []
    assert not Ingestion.objects.exists()


def test_a_full_disk_leaves_nothing_of_rejects(client):
    with patch("django.core.files.base.File.chunks", cut_short):
        check(send(client, ROWS + "b,asleep,2023-01-25 10:00:00 UTC\n"), "storage_unavailable")
    assert kept() == []
    assert Ingestion.objects.get().status == Ingestion.Status.FAILED
    assert not Poll.objects.exists()


@pytest.mark.parametrize("path", ["/api/v1/ingestions/", "/admin/ingestion/ingestion/add/"])
def test_a_full_temporary_folder_is_503(client, admin_client, settings, path):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    sender = admin_client if path.startswith("/admin/") else client
    sender.raise_request_exception = False
    form = {"uploads": SimpleUploadedFile("a.csv", HEADER.encode()), "whole": "on"}
    with patch.object(tempfile, "_get_candidate_names", side_effect=FULL):
        response = sender.post(path, form)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


def test_a_problem_of_the_database_around_a_view_is_503(client):
    with patch("access.middleware.Accounts.__call__", side_effect=OperationalError("away")):
        check(client.get("/api/v1/reports/"), "database_unavailable")


def test_a_session_that_cannot_be_read_is_a_page_and_503(admin_client):
    admin_client.raise_request_exception = False
    away = OperationalError("away")
    with patch("django.contrib.sessions.backends.db.SessionStore.load", side_effect=away):
        response = admin_client.get("/admin/")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert b"The database cannot be reached" in response.content


def test_the_reason_is_in_the_log(client, caplog):
    with patch.object(services.Ingestion.objects, "create", side_effect=OperationalError("why")):
        send(client, ROWS)
    assert "DatabaseUnavailable: why" in caplog.text
