"""Every error is a problem (RFC 9457) of a documented kind, wherever it is raised."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from api.errors import handlers
from api.errors.details import kinds

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

MEMBERS = {"type", "title", "status", "detail", "code"}
REFUSED = [
    ("GET", "/get_report?report_id=7", {}, 400, "invalid"),
    ("GET", "/api/v1/reports/?page=2", {}, 400, "invalid"),
    ("GET", "/api/v1/reports/7/", {}, 400, "invalid"),
    ("GET", "/get_report?format=xml", {}, 400, "parse_error"),
    ("GET", "/get_report?format=", {}, 400, "parse_error"),
    ("GET", "/api/v1/reports/?format=", {}, 400, "parse_error"),
    ("GET", "/get_report", {"Host": "evil.example"}, 400, "invalid"),
    ("GET", "/api/v1/reports/", {"Host": "evil.example"}, 400, "invalid"),
    ("GET", "/get_report", {}, 404, "not_found"),
    ("GET", "/nothing", {}, 404, "not_found"),
    ("GET", "/api/v2/reports/", {}, 404, "not_found"),
    ("GET", "/api/v1/ingestions/7/", {}, 404, "not_found"),
    ("PUT", "/get_report", {}, 405, "method_not_allowed"),
    ("POST", "/healthz", {}, 405, "method_not_allowed"),
    ("GET", "/get_report", {"Accept": "image/png"}, 406, "not_acceptable"),
    ("GET", "/api/v1/reports/", {"Accept": "text/csv"}, 406, "not_acceptable"),
    ("POST", "/trigger_report", {}, 409, "no_polls"),
    ("POST", "/api/v1/polls/", {"Content-Type": "text/html"}, 415, "unsupported_media_type"),
]
CLASSIC = ("/trigger_report", "/get_report", "/download_report")


@pytest.mark.parametrize(("method", "path", "headers", "status", "code"), REFUSED)
def test_it_refuses_by_a_problem(client, method, path, headers, status, code):
    body = b"x" if "Content-Type" in headers else b""
    content_type = headers.get("Content-Type", "application/json")
    response = client.generic(method, path, body, content_type, headers=headers)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert set(problem) >= MEMBERS
    assert problem["status"] == status
    assert problem["type"] == f"/docs/errors#{code}"
    assert problem["detail"]
    assert ("message" in problem) == path.startswith(CLASSIC)
    assert problem.get("message", problem["detail"]) == problem["detail"]
    assert ("errors" in problem) == (code == "invalid" and "Host" not in headers)


def test_it_refuses_a_body_that_is_too_large(client):
    body = b'{"as_of": "' + b" " * 3_000_000 + b'"}'
    response = client.post("/api/v1/reports/", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert response["Content-Type"] == "application/problem+json"


def test_it_names_each_fault_and_its_field(client):
    response = client.get("/api/v1/reports/?page=2&limit=3")
    assert response.json()["errors"] == [
        {"field": "", "detail": response.json()["detail"]},
    ]
    assert "'limit', 'page'" in response.json()["detail"]


def test_it_explains_each_kind_of_problem(client):
    page = client.get("/docs/errors").content.decode()
    explained = set(re.findall(r'<h2 id="(\w+)">', page))
    assert explained == {kind.code for kind in kinds()}
    assert len(explained) == len(kinds()) >= 25
    assert all(len(kind.means) > 10 and kind.title for kind in kinds())
    assert not re.search(r"<script|<style|\sstyle=", page)


@pytest.mark.parametrize("path", ["/get_report", "/api/v1/reports/", "/nothing"])
def test_django_refuses_by_a_problem_too(path):
    request = RequestFactory().post(path)
    for response, code in [
        (handlers.csrf_failure(request, "CSRF cookie not set."), "csrf_failed"),
        (handlers.permission_denied(request, PermissionDenied()), "permission_denied"),
    ]:
        assert response.status_code == 403
        assert response["Content-Type"] == "application/problem+json"
        assert f'"code": "{code}"' in response.content.decode()


def test_people_in_the_admin_get_a_page_instead(client):
    strict = type(client)(enforce_csrf_checks=True)
    response = strict.post("/admin/login/", {"username": "a", "password": "b"})
    assert (response.status_code, response["Content-Type"]) == (403, "text/html; charset=utf-8")
