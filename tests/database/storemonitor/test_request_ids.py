"""The id of each request: who may choose it, and the lines that have it."""

import logging

import pytest
from structlog.contextvars import get_contextvars

from access import tokens
from storemonitor.configuration.log_lines import OneLine
from storemonitor.logs.json_lines import JsonLine

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def told(client, path="/healthz", **headers):
    return client.get(path, headers=headers)["X-Request-ID"]


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/", "/admin/login/", "/api/v1/stores/"])
def test_every_answer_has_one_of_its_own(client, path):
    one, other = told(client, path), told(client, path)
    assert len(one) == len(other) == 32
    assert one != other


@pytest.mark.parametrize(
    ("said", "proxies", "taken"),
    [
        ("0af7651916cd43dd8448eb211c80319c", 1, True),
        ("0af7651916cd43dd8448eb211c80319c", 0, False),
        ("short", 1, False),
        ("x" * 65, 1, False),
        ('a"}\x1b[2J forged', 1, False),
        ("12345678\n", 1, False),
    ],
)
def test_only_our_proxy_may_choose_it_and_only_in_a_safe_form(
    client, settings, said, proxies, taken
):
    settings.TRUSTED_PROXIES = proxies
    assert (told(client, **{"X-Request-ID": said}) == said) == taken


@pytest.fixture
def lines():
    """The lines of a request as a handler would write them, as text and as JSON."""
    written = []

    class Writing(logging.Handler):
        def emit(self, record):
            written.append((OneLine("%(message)s").format(record), JsonLine().format(record)))

    handler = Writing()
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_lines_have_it_and_the_sender_once_that_is_known(client, settings, lines):
    settings.ANONYMOUS_SCOPES = []
    secret = tokens.issue(name="BI", scopes=["read"], created_by="a test").secret
    headers = {"Authorization": f"Bearer {secret}"}
    response = client.delete("/api/v1/stores/a/", headers=headers)
    assert response.status_code == 403
    request_id = response["X-Request-ID"]
    text, as_json = next(one for one in lines if "refused DELETE" in one[0])
    assert text.endswith(f" [{request_id}]")
    assert f'"request_id": "{request_id}"' in as_json
    assert '"user": "token BI (' in as_json
    assert secret not in as_json


def test_lines_of_django_itself_have_it(client, lines):
    request_id = told(client, "/nothing")
    assert f"Not Found: /nothing [{request_id}]" in [text for text, _ in lines]


def test_nothing_is_told_of_a_request_after_its_end(client):
    client.get("/healthz")
    assert get_contextvars() == {}
