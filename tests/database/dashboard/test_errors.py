"""Errors around the pages: a page for people, a problem for their scripts."""

import pytest
from django.db import OperationalError

from dashboard.pages.data import overview

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DATA = "/data/"


def page_of(response) -> str:
    assert response["Content-Type"].startswith("text/html")
    return response.content.decode()


def test_a_form_of_another_site_is_refused_in_words(client):
    strict = type(client)(enforce_csrf_checks=True)
    for address in (DATA, "/sign-in/"):
        response = strict.post(address, {})
        assert response.status_code == 403
        assert "Reload its page and send it again." in page_of(response)
    problem = strict.post(DATA, {}, headers={"HX-Request": "true"})
    assert problem.json()["code"] == "csrf_failed"


def test_a_body_that_is_too_large_is_refused_in_words(client, settings):
    settings.MAX_UPLOAD_BYTES = 100_000
    form = {"data": b"-" * 200_000, "content_type": "multipart/form-data; boundary=x"}
    response = client.post(DATA, **form)
    assert response.status_code == 413
    assert "<h1>Body too large</h1>" in page_of(response)
    problem = client.post(DATA, **form, headers={"HX-Request": "true"})
    assert (problem.status_code, problem.json()["code"]) == (413, "body_too_large")


def test_a_database_that_is_away_is_said_in_words(client, monkeypatch):
    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(overview, "extent", away)
    client.raise_request_exception = False
    response = client.get(DATA)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "connection refused" not in page_of(response)
    assert "database" in page_of(response)


def test_our_own_errors_tell_nothing_of_their_cause(client, monkeypatch):
    def broken():
        raise RuntimeError("secret")

    monkeypatch.setattr(overview, "extent", broken)
    client.raise_request_exception = False
    response = client.get(DATA)
    assert response.status_code == 500
    assert "Internal error" in page_of(response)
    assert "secret" not in page_of(response)


def test_an_unknown_address_stays_a_problem(client):
    assert client.get("/nothing").json()["code"] == "not_found"
