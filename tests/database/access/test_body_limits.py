"""Bodies of unknown senders are not stored, and none above the limit of the address."""

import io

import pytest
from django.contrib.auth.models import Permission

from access import tokens
from access.limits import bodies
from ingestion.models import Ingestion
from tests.database.answers import POLLS
from tests.no_room import no_room

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LARGE = 70_000
MEDIUM = 3 * 1024 * 1024


class Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_):
        raise AssertionError("somebody read the body")

    readline = read


class Endless(io.RawIOBase):
    """A chunked body without an end, which counts the bytes read."""

    taken = 0

    def read(self, size=-1):
        assert size > 0, "somebody wants all of it"
        self.taken += size
        return b"x" * size


@pytest.fixture(autouse=True)
def _nobody_may(settings):
    settings.ANONYMOUS_SCOPES = []


@pytest.fixture
def spooled(monkeypatch):
    """Return the bytes of each body that was buffered."""
    seen = []

    class Spool(bodies.SpooledTemporaryFile):
        def write(self, data):
            seen.append(len(data))
            return super().write(data)

    monkeypatch.setattr(bodies, "SpooledTemporaryFile", Spool)
    return seen


def announced(client, path, length, stream=None, **extra):
    environ = {"CONTENT_LENGTH": str(length), "wsgi.input": stream or Unread()}
    environ["CONTENT_TYPE"] = extra.pop("content_type", "text/csv")
    return client.generic("POST", path, **environ, **extra)


def chunked(client, path, stream, content_type="text/csv", **extra):
    environ = {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    extra |= {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": content_type}
    return client.generic("POST", path, **environ, **extra)


def strict(client):
    """Return a client whose forms are checked as a browser's are, with the cookies of this one."""
    checked = type(client)(enforce_csrf_checks=True)
    checked.cookies = client.cookies
    checked.cookies["csrftoken"] = "a" * 32
    return checked


def by_token(*scopes):
    secret = tokens.issue(name="-".join(scopes), scopes=scopes, created_by="a test").secret
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/ingestion/ingestion/add/"])
@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "text/csv"])
def test_it_reads_no_large_form_of_somebody_unknown(client, path, media_type):
    status = announced(strict(client), path, LARGE, content_type=media_type).status_code
    # A body that is not a form is never looked into.
    assert status == (413 if media_type.startswith("multipart") else 403)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/polls/", 401), ("/trigger_report", 401), ("/nothing", 404), ("/docs", 405)],
)
def test_it_keeps_nothing_of_an_unknown_sender(client, spooled, path, status):
    stream = Endless()
    assert chunked(client, path, stream).status_code == status
    assert stream.taken <= 3 * 64 * 1024
    assert sum(spooled) <= 64 * 1024


def test_it_knows_no_sender_by_a_token_that_is_revoked_or_made_up(client, spooled):
    for value in ("Bearer sm_guessed", "Bearer sm_" + "0" * 12 + "_" + "a" * 43):
        assert (
            chunked(client, "/api/v1/polls/", Endless(), HTTP_AUTHORIZATION=value).status_code
            == 401
        )
    assert sum(spooled) <= 2 * 64 * 1024


def test_it_takes_chunked_polls_of_whoever_may_send_them(client):
    answer = chunked(client, "/api/v1/polls/", io.BytesIO(POLLS.encode()), **by_token("ingest"))
    assert answer.status_code == 200
    assert Ingestion.objects.get().rows_new == 1


def test_it_takes_a_large_chunked_body_from_disk(client, settings, spooled):
    settings.SYNC_INGEST_MAX_BYTES = 1
    head, _, rows = POLLS.partition("\n")
    body = f"{head}\n{rows * (MEDIUM // len(rows))}".encode()
    answer = chunked(client, "/api/v1/polls/?x", io.BytesIO(body), **by_token("ingest"))
    assert answer.status_code == 400  # There is no parameter x: nothing is stored.
    assert sum(spooled) == len(body)


@pytest.mark.parametrize(
    ("path", "scope", "status"),
    [
        ("/api/v1/polls/", "read", 403),  # May not ingest.
        ("/trigger_report", "read", 413),  # May start a report, without a file.
        ("/api/v1/reports/", "admin", 413),  # Takes no files.
    ],
)
def test_it_reads_a_file_only_where_one_may_be(client, spooled, path, scope, status):
    stream, media_type = Endless(), "application/json" if "reports" in path else "text/csv"
    assert chunked(client, path, stream, media_type, **by_token(scope)).status_code == status
    assert sum(spooled) < MEDIUM
    assert announced(client, path, MEDIUM, **by_token("read", scope)).status_code == status


def test_it_stops_reading_above_the_limit_of_files(client, settings, spooled):
    settings.MAX_UPLOAD_BYTES = MEDIUM
    stream = Endless()
    answer = chunked(client, "/api/v1/polls/", stream, **by_token("ingest"))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert stream.taken < 2 * MEDIUM


def test_it_lets_a_person_upload_who_may_and_nobody_else(client, django_user_model):
    user = django_user_model.objects.create_user("ann", is_staff=True)
    client.force_login(user)
    form = {"content_type": "multipart/form-data; boundary=x"}
    path = "/admin/ingestion/ingestion/add/"
    assert announced(strict(client), path, MEDIUM, **form).status_code == 413
    user.user_permissions.add(Permission.objects.get(codename="add_ingestion"))
    stream = io.BytesIO(b"-" * MEDIUM)
    assert announced(strict(client), path, MEDIUM, stream, **form).status_code != 413


def test_it_says_400_where_a_chunked_body_breaks_off(client):
    class Broken(io.RawIOBase):
        def read(self, *_):
            raise OSError("no more data")

    answer = chunked(client, "/api/v1/polls/", Broken(), **by_token("ingest"))
    assert (answer.status_code, answer.json()["code"]) == (400, "incomplete_body")


def test_a_disk_without_room_for_a_chunked_body_is_503_and_nothing_stays(client):
    client.raise_request_exception = False
    sender, body = by_token("ingest"), io.BytesIO(b"x" * MEDIUM)
    with no_room():
        answer = chunked(client, "/api/v1/polls/", body, **sender)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert not Ingestion.objects.exists()
