"""Tokens: what is stored of them, and which ones are valid."""

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from access import tokens
from access.models import Token
from access.scopes import SCOPES
from ingestion.models import Ingestion

pytestmark = pytest.mark.django_db

NAME = "night poller"


@pytest.fixture(autouse=True)
def _nobody_unknown(settings):
    settings.ANONYMOUS_SCOPES = []


def issue(*scopes, name=NAME, **others):
    return tokens.issue(name=name, scopes=scopes or ["read"], created_by="a test", **others)


def get(client, secret, *, scheme="Bearer", path="/api/v1/ingestions/"):
    return client.get(path, headers={"Authorization": f"{scheme} {secret}"})


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_it_lets_in_whoever_shows_a_token(client, scheme):
    assert get(client, issue().secret, scheme=scheme).status_code == 200


def test_it_asks_for_a_token_where_there_is_none(client):
    response = client.get("/api/v1/ingestions/")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == 'Bearer realm="Store Monitoring"'


@pytest.mark.parametrize("scheme", ["Token", "Basic", "Bearers", ""])
def test_it_takes_tokens_under_one_scheme_only(client, scheme):
    response = get(client, issue().secret, scheme=scheme)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_it_leaves_the_credentials_of_a_proxy_in_front_alone(client, settings):
    settings.ANONYMOUS_SCOPES = ["read"]
    assert get(client, "dXNlcjpwYXNz", scheme="Basic").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"),
        lambda secret: secret.upper(),
        lambda secret: secret + "x",
        lambda secret: secret[3:],
        lambda _: "",
        lambda _: "sm_000000000000_" + "A" * 43,
        lambda _: "sm_" + "é" * 12 + "_" + "A" * 43,
        lambda _: "x" * 5000,
    ],
)
def test_it_refuses_what_is_no_token(client, change, caplog):
    secret = change(issue().secret)
    response = get(client, secret.encode().decode("latin-1"))
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in response["WWW-Authenticate"]
    assert "refused the token" in caplog.text
    assert not secret or secret not in caplog.text


def test_it_does_not_let_in_with_a_bad_token_whom_it_lets_in_without(client, settings):
    settings.ANONYMOUS_SCOPES = list(SCOPES)
    assert client.get("/api/v1/ingestions/").status_code == 200
    assert get(client, "sm_nonsense").status_code == 401


def test_it_tells_only_the_log_why_a_token_is_not_valid_any_more(client, caplog):
    expired = issue(name="expired", expires_at=timezone.now() + timedelta(hours=1))
    revoked = issue(name="revoked")
    assert get(client, expired.secret).status_code == 200
    past = timezone.now() - timedelta(hours=2)
    Token.objects.filter(name="expired").update(
        created_at=past, expires_at=past + timedelta(hours=1)
    )
    assert tokens.revoke(revoked.token, at=timezone.now())
    answers = [get(client, one.secret) for one in (expired, revoked)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert f"{expired.token.prefix} from 127.0.0.1: expired at" in caplog.text
    assert f"{revoked.token.prefix} from 127.0.0.1: revoked at" in caplog.text


def test_it_revokes_once(client):
    token = issue().token
    first = datetime.now(UTC)
    assert tokens.revoke(token, at=first)
    assert not tokens.revoke(token, at=first + timedelta(days=1))
    token.refresh_from_db()
    assert token.revoked_at == first


def test_it_keeps_nothing_that_opens_a_door(client):
    issued = issue("read", "ingest")
    stored = str(Token.objects.filter(pk=issued.token.pk).values().get())
    assert issued.secret not in stored
    assert issued.secret.split("_", 2)[2] not in stored
    assert issued.token.prefix in issued.secret
    assert get(client, issued.token.digest).status_code == 401


def test_it_makes_secrets_that_cannot_be_guessed():
    secrets = {issue(name=f"n{number}").secret for number in range(50)}
    assert len(secrets) == 50
    assert {len(secret.split("_", 2)[2]) for secret in secrets} == {43}


def test_it_writes_down_the_last_use_once_a_minute(client, monkeypatch):
    issued = issue()
    noon = timezone.now()
    used = []
    for seconds in (0, 30, 59, 61, 100):
        monkeypatch.setattr("access.authentication.timezone.now", lambda s=seconds: at(noon, s))
        assert get(client, issued.secret).status_code == 200
        used.append(Token.objects.get().last_used_at)
    assert used == [at(noon, seconds) for seconds in (0, 0, 0, 61, 61)]


def at(start, seconds):
    return start + timedelta(seconds=seconds)


def test_it_does_not_write_for_a_token_used_moments_ago(client, django_assert_num_queries):
    issued = issue()
    get(client, issued.secret)
    with django_assert_num_queries(2):  # The token, the page of ingestions.
        get(client, issued.secret)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "blank"),
        ({"scopes": []}, "at least one scope"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "before the creation"),
        ({"name": "x" * 101}, "100 characters"),
    ],
)
def test_it_refuses_a_token_that_cannot_be(change, message):
    given = {"name": "a", "scopes": ["read"], "created_by": "a test", **change}
    with pytest.raises(ValidationError) as refused:
        tokens.issue(**given)
    assert message in str(refused.value)


def test_it_gives_a_name_to_one_token_at_a_time():
    first = issue().token
    with pytest.raises(ValidationError):
        issue()
    tokens.revoke(first, at=timezone.now())
    issue()


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"digest": "short"},
        {"can_read": False},
        {"expires_at": datetime(2000, 1, 1, tzinfo=UTC)},
        {"revoked_at": datetime(2000, 1, 1, tzinfo=UTC)},
    ],
)
def test_its_database_holds_no_token_that_cannot_be(change):
    token = issue().token
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.filter(pk=token.pk).update(**change)


def test_it_names_the_token_in_what_was_asked_for(client):
    response = client.post(
        "/api/v1/polls/",
        b"store_id,status,timestamp_utc\na,active,2023-01-25 18:00:00 UTC\n",
        content_type="text/csv",
        headers={"Authorization": f"Bearer {issue('ingest').secret}"},
    )
    assert response.status_code == 200, response.content
    assert Ingestion.objects.get().requested_by.startswith(f"token {NAME} (")


def test_it_logs_no_secret(client, caplog):
    caplog.set_level(logging.DEBUG)
    issued = issue()
    get(client, issued.secret)
    get(client, issued.secret, path="/nothing")
    get(client, issued.secret + "x")
    assert issued.secret not in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has one writer at a time")
def test_it_does_not_wait_for_an_ingestion_to_write_down_a_use(client, caplog):
    caplog.set_level(logging.INFO)
    issued = issue()
    path = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert get(client, issued.secret).status_code == 200
        writer.execute("ROLLBACK")
    assert "was not recorded: database is locked" in caplog.text
    assert Token.objects.get().last_used_at is None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (20_000,)
    assert get(client, issued.secret).status_code == 200
    assert Token.objects.get().last_used_at is not None
