"""Everything around the reports: documentation, health, errors of Django itself."""

import html.parser
import io
import logging
import re

import pytest
import yaml
from django.core.management import call_command
from django.db import OperationalError, connection
from django.urls import get_resolver

from tests.database.answers import release
from tests.database.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


class Page(html.parser.HTMLParser):
    """The scripts and styles of a page, and what a strict policy would block."""

    def __init__(self, response):
        super().__init__()
        self.assets, self.inline, self._inside = [], [], ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.inline += [name for name in attributes if name == "style" or name.startswith("on")]
        self.assets += [
            attributes[key] for key in ("src", "href") if tag != "a" and key in attributes
        ]
        self._inside = tag if tag in {"script", "style"} else ""

    def handle_data(self, data):
        if self._inside and data.strip():
            self.inline.append(data)


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_its_documentation_keeps_to_a_strict_policy_and_needs_no_other_server(client, path):
    response = client.get(path)
    page = Page(response)
    assert not page.inline
    assert len(page.assets) >= 4
    for asset in page.assets:
        assert asset.startswith("/")
        answer = client.get(asset)
        assert answer.status_code == 200, asset
        release(answer)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_its_documentation_reads_the_schema(client):
    script = client.get("/docs?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert 'url: "/api/schema"' in script.content.decode()


@pytest.mark.parametrize("path", ["/api/schema", "/api/schema/"])
def test_its_schema_has_every_address_once(client, path):
    schema = yaml.safe_load(client.get(path).content)
    told = {
        (re.sub("{[^}]+}", "{}", address.rstrip("/")), method.upper())
        for address, item in schema["paths"].items()
        for method in item
    }
    there_are = {(re.sub("<[^>]+>", "{}", one.path), one.method) for one in routes()}
    assert told == {one for one in there_are if one[0] not in {"/docs", "/api/schema"}}
    assert len(told) == sum(len(item) for item in schema["paths"].values())


def test_its_schema_is_valid_and_complete():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_its_schema_has_examples_for_every_answer_in_json(client):
    schema = yaml.safe_load(client.get("/api/schema").content)
    for address, item in schema["paths"].items():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    assert "json" not in kind or content.get("examples"), (address, status)


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_it_is_well_while_the_database_answers(client, path):
    response = client.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"
    assert client.head(path).status_code == 200


def test_it_is_not_well_without_the_database(client, monkeypatch, caplog):
    def away(*_):
        raise OperationalError("could not connect to server at 10.0.0.7")

    monkeypatch.setattr(connection, "cursor", away)
    for path in ("/healthz", "/get_report"):
        response = client.get(path)
        assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
        assert b"10.0.0.7" not in response.content
    assert "10.0.0.7" in caplog.text


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/", "/trigger_report/x", "/get_report//"])
def test_it_says_in_json_that_there_is_nothing(client, path):
    response = client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.json()["detail"].startswith(f"Nothing is at {path}")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_it_says_in_json_that_a_method_is_not_for_an_address(client, method):
    response = getattr(client, method)("/get_report")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_it_says_in_json_that_the_host_is_not_ours(client):
    response = client.get("/get_report", headers={"Host": "evil.example"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_it_says_nothing_about_the_inside_when_something_breaks(client, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("reports.models.Report.objects.first", broken)
    client.raise_request_exception = False
    response = client.get("/get_report")
    assert (response.status_code, response.json()["code"]) == (500, "error")
    assert b"secret" not in response.content
    assert "a secret of the inside" in caplog.text


def test_it_shows_pages_to_people_in_the_admin(admin_client, caplog):
    caplog.set_level(logging.CRITICAL)
    response = admin_client.get("/admin/nothing/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_it_answers_every_address_with_and_without_a_slash():
    routes = {
        str(pattern.pattern)
        for pattern in _flat(get_resolver().url_patterns)
        if not str(pattern.pattern).startswith(("admin/", "favicon.ico"))
    }
    assert {route for route in routes if route and _twin(route) not in routes} == set()


def _flat(patterns):
    for pattern in patterns:
        inner = getattr(pattern, "url_patterns", None)
        if inner is None:
            yield pattern
        elif not re.match("admin/", str(pattern.pattern)):
            yield from _flat(inner)


def _twin(route: str) -> str:
    return route[:-1] if route.endswith("/") else f"{route}/"
