"""Signing in and out on the dashboard: where it leads, how often one may try, what is recorded."""

import logging
import re

import pytest
from django.conf import settings as project

from access.limits import rates
from access.limits.counters import FileCounters
from access.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SIGN_IN, SIGN_OUT = "/sign-in/", "/sign-out/"
SECRET = "correct horse battery staple"
ADA = {"username": "ada", "password": SECRET}


@pytest.fixture(autouse=True)
def ada(django_user_model, settings):
    settings.ANONYMOUS_SCOPES = []
    return django_user_model.objects.create_superuser("ada", password=SECRET)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def leads_to(response) -> str:
    assert response.status_code == 302
    return response["Location"]


def test_it_leads_back_to_the_page_that_asked(client):
    form = leads_to(client.get("/data/?page=2"))
    assert form == "/sign-in/?next=%2Fdata%2F%3Fpage%3D2"
    page = client.get(form).content.decode()
    assert '<input type="hidden" name="next" value="/data/?page=2">' in page
    assert leads_to(client.post(form, {**ADA, "next": "/data/?page=2"})) == "/data/?page=2"
    assert client.get("/data/?page=2").status_code == 200


def test_it_leads_to_the_board_otherwise(client):
    assert leads_to(client.post(SIGN_IN, ADA)) == "/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "\x08//evil.example",
        "https://testserver@evil.example/",
        SIGN_IN,  # To ask once more would look as if it had failed.
        f"{SIGN_IN}?next=/data/",
    ],
)
def test_it_leads_nowhere_else(client, elsewhere):
    assert 'name="next" value=""' in client.get(SIGN_IN, {"next": elsewhere}).content.decode()
    assert leads_to(client.post(SIGN_IN, {**ADA, "next": elsewhere})) == "/"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({**ADA, "password": "wrong"}, "Please enter a correct username and password."),
        ({"username": "ada"}, "Password: This field is required."),
        ({**ADA, "username": "ada\0"}, "Username: Null characters are not allowed."),
    ],
)
def test_it_says_what_is_wrong(client, form, said):
    response = client.post(SIGN_IN, {**form, "next": "/data/"})
    assert response.status_code == 200
    assert said in text(response)
    assert 'name="next" value="/data/"' in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_it_lets_nobody_in_who_was_disabled(client, ada):
    ada.is_active = False
    ada.save()
    assert client.post(SIGN_IN, ADA).status_code == 200
    assert leads_to(client.get("/data/")).startswith(SIGN_IN)


def test_it_shows_a_hostile_name_as_text(client):
    name = '"><script>alert(1)</script>'
    page = client.post(SIGN_IN, {"username": name, "password": "x"}).content.decode()
    assert "<script>alert" not in page


def test_it_limits_attempts_together_with_the_admin(client, settings, monkeypatch, tmp_path):
    counters = FileCounters(tmp_path / "counts.sqlite3")
    monkeypatch.setattr(rates, "counters", lambda: counters)
    monkeypatch.setattr(rates._Pause, "until", 0.0)
    settings.RATE_LIMIT_LOGIN = 2
    wrong = {**ADA, "password": "wrong"}
    answers = [client.post(path, wrong).status_code for path in (SIGN_IN, "/admin/login/")]
    assert answers == [200, 200]
    refused = client.post(SIGN_IN, {**ADA, "next": "/data/"})
    assert refused.status_code == 429
    seconds = int(refused["Retry-After"])
    assert 1 <= seconds <= 60
    assert f"Too many attempts. Try again in {seconds} s." in text(refused)
    assert "_auth_user_id" not in client.session
    assert client.get(SIGN_IN).status_code == 200
    counters.close()


def test_it_needs_the_token_of_its_own_form(client):
    strict = type(client)(enforce_csrf_checks=True)
    assert strict.post(SIGN_IN, ADA).status_code == 403
    page = strict.get(SIGN_IN).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert leads_to(strict.post(SIGN_IN, {**ADA, "csrfmiddlewaretoken": token})) == "/"
    assert strict.post(SIGN_OUT).status_code == 403
    assert "_auth_user_id" in strict.session


@pytest.mark.parametrize(("anonymous", "after"), [([], SIGN_IN), (["read"], "/")])
def test_it_signs_out_to_a_page_that_can_be_seen(client, ada, settings, anonymous, after):
    settings.ANONYMOUS_SCOPES = anonymous
    client.force_login(ada)
    assert client.get(SIGN_OUT).status_code == 405
    assert "_auth_user_id" in client.session
    assert leads_to(client.post(SIGN_OUT)) == after
    assert "_auth_user_id" not in client.session
    assert client.get(after).status_code == 200


def test_it_leads_nowhere_else_after_signing_out(client, ada):
    client.force_login(ada)
    assert leads_to(client.post(SIGN_OUT, {"next": "https://evil.example/"})) == SIGN_IN


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        ([], ""),
        (["read"], "You need not sign in here to look around."),
        (["read", "ingest"], "look around, to send files."),
        (["admin"], "look around, to send files or to change stores."),
    ],
)
def test_it_says_what_needs_no_signing_in(client, settings, scopes, said):
    settings.ANONYMOUS_SCOPES = scopes
    page = text(client.get(SIGN_IN))
    assert said in page
    assert ("need not sign in" in page) == bool(scopes)


def test_it_says_who_is_signed_in(client, ada):
    client.force_login(ada)
    assert "You are signed in as ada ." in text(client.get(SIGN_IN))


def test_it_records_who_signs_in_and_out_and_logs_who_fails_to(client, caplog):
    caplog.set_level(logging.INFO)
    client.post(SIGN_IN, {**ADA, "password": "wrong words"})
    assert "a log-in as 'ada' from 127.0.0.1 failed" in caplog.text
    assert not AuditEntry.objects.exists()
    client.post(SIGN_IN, ADA)
    client.post(SIGN_OUT)
    assert [(made.who, made.how, made.what) for made in AuditEntry.objects.order_by("id")] == [
        ("ada", "page", "POST /sign-in/"),
        ("ada", "page", "POST /sign-out/"),
    ]
    told = caplog.text + str(list(AuditEntry.objects.values()))
    assert SECRET not in told
    assert "wrong words" not in told


def test_a_stranger_who_signs_out_is_not_recorded(client):
    client.post(SIGN_OUT)
    assert not AuditEntry.objects.exists()


def test_the_admin_keeps_its_own_form_and_both_link_to_each_other(client, ada):
    assert project.LOGIN_URL == "dashboard:sign-in"
    assert leads_to(client.get("/admin/")) == "/admin/login/?next=/admin/"
    assert leads_to(client.post("/admin/login/", ADA)) == "/admin/"
    assert '<a href="/">View site</a>' in client.get("/admin/").content.decode()
    assert '<a href="/admin/">Admin</a>' in client.get("/data/").content.decode()


def test_a_password_is_not_kept_in_a_cache(client):
    assert "no-store" in client.get(SIGN_IN)["Cache-Control"]
