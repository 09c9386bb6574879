"""Values that the database cannot handle are refused, and headers are in every answer."""

import hashlib

import pytest
from gunicorn.http.wsgi import Response

from api.errors.reasons import reason_of
from api.schema_view import schema
from storemonitor import web  # noqa: F401 - it takes the header away
from tests.database.admin_pages import STORES

pytestmark = pytest.mark.django_db
PAGES = ["/admin/reports/report/", STORES, "/admin/ingestion/ingestion/", "/admin/auth/user/"]


@pytest.mark.parametrize("query", ["tag=%00", "q=a%00b", "zone=%00", "%00=1", "o=%00"])
@pytest.mark.parametrize("page", PAGES)
def test_it_refuses_nul_in_the_address_of_a_page(admin_client, page, query):
    assert admin_client.get(f"{page}?{query}").status_code == 400
    assert admin_client.get(f"{page}%00/change/").status_code == 400


@pytest.mark.parametrize("key", ["x", "\0", "1; DROP", "9" * 30, "é", "-1e5"])
@pytest.mark.parametrize("page", PAGES)
def test_it_refuses_a_row_that_cannot_be(admin_client, page, key):
    actions = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
    assert admin_client.post(page, actions).status_code == 400


def test_it_takes_odd_text_that_can_be(admin_client):
    for text in ("%EF%BF%BF", "%F0%9F%8D%94", "%ED%A0%80", "%FF", "%E2%80%AE"):
        assert admin_client.get(f"{STORES}?q={text}").status_code == 200
        assert admin_client.get(f"{STORES}?tag={text}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/healthz", "/docs", "/nothing", "/admin/login/", "/api/v1/stores/"]
)
def test_it_allows_pages_no_features(client, path):
    assert "camera=()" in client.get(path)["Permissions-Policy"]


def test_it_has_no_cache_keep_data(client):
    said = client.get("/api/v1/stores/")["Cache-Control"].split(", ")
    assert {"no-store", "private"} <= set(said)


def test_it_does_not_name_its_server():
    response = Response.__new__(Response)
    response.req = type("Request", (), {"version": (1, 1), "should_close": lambda _: True})()
    response.status, response.upgrade, response.must_close, response.chunked = "200 OK", 0, 1, 0
    response.version = "gunicorn"
    lines = response.default_headers()
    assert lines[0].startswith("HTTP/1.1 200 OK")
    assert not any("gunicorn" in line for line in lines)


def test_it_makes_the_schema_once_and_knows_it_again(client, monkeypatch):
    first = client.get("/api/schema?format=json")
    monkeypatch.setattr("drf_spectacular.generators.SchemaGenerator.get_schema", None)
    again = client.get("/api/schema?format=json")
    assert hashlib.sha256(again.content).digest() == hashlib.sha256(first.content).digest()
    known = client.get("/api/schema?format=json", headers={"If-None-Match": first["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    as_yaml = client.get("/api/schema")
    assert as_yaml["ETag"] != first["ETag"]
    assert as_yaml["Content-Type"].startswith("application/vnd.oai.openapi")
    assert set(schema()["paths"]) == set(first.json()["paths"])


@pytest.mark.parametrize("error", [OSError(28, "/var/x"), ValueError("secret"), KeyError("x")])
def test_it_tells_readers_nothing_of_the_inside(error):
    assert "/var" not in reason_of(error)
    assert "secret" not in reason_of(error)


@pytest.mark.parametrize("path", ["/admin/login/", "/api/v1/stores/"])
def test_it_takes_no_cookie_that_spells_nul(client, path):
    assert client.get(path, headers={"cookie": r'sessionid="aaaaaaaa\000b"'}).status_code == 200
