"""Sessions of people: when they begin, when they end, and how their cookies are protected."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from tests.paths import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ADA = {"username": "ada", "password": "correct horse battery staple"}
NEW = "another horse and battery"


@pytest.fixture(autouse=True)
def ada(django_user_model, settings):
    settings.ANONYMOUS_SCOPES = []
    return django_user_model.objects.create_superuser(**ADA)


@pytest.fixture
def browsers():
    """Two browsers of one person."""
    pair = Client(), Client()
    for browser in pair:
        assert browser.post("/sign-in/", ADA).status_code == 302
    return pair


def is_in(browser):
    return browser.get("/data/").status_code == 200


def test_a_log_in_makes_a_new_session(client):
    client.get("/sign-in/")
    client.session["kept"] = "from before"
    before = client.session.session_key
    client.post("/sign-in/", ADA)
    assert client.session.session_key != before
    first = client.session.session_key
    client.post("/sign-in/", ADA)
    assert client.session.session_key != first


def test_a_session_ends_twelve_hours_after_the_log_in_however_busy(client):
    with time_machine.travel(timezone.now(), tick=False) as moved:
        client.post("/sign-in/", ADA)
        for _ in range(2):
            moved.shift(timedelta(hours=5, minutes=59))
            assert is_in(client)
        moved.shift(timedelta(minutes=3))
        assert not is_in(client)


def test_a_log_out_ends_the_session_also_for_a_copied_cookie(browsers):
    first, second = browsers
    thief = Client()
    thief.cookies[project.SESSION_COOKIE_NAME] = first.cookies[project.SESSION_COOKIE_NAME].value
    assert is_in(thief)
    first.post("/sign-out/")
    assert not is_in(thief)
    assert is_in(second)


def test_a_new_password_ends_all_other_sessions(browsers):
    first, second = browsers
    change = {"old_password": ADA["password"], "new_password1": NEW, "new_password2": NEW}
    assert first.post("/admin/password_change/", change).status_code == 302
    assert is_in(first)
    assert not is_in(second)


def test_a_new_password_needs_the_old_one_and_is_not_a_common_one(browsers):
    first, _ = browsers
    for old, new in (("wrong", NEW), (ADA["password"], "password123"), (ADA["password"], "ada")):
        change = {"old_password": old, "new_password1": new, "new_password2": new}
        assert first.post("/admin/password_change/", change).status_code == 200


def test_a_disabled_account_has_no_session(browsers, ada):
    ada.is_active = False
    ada.save()
    assert not any(is_in(browser) for browser in browsers)


def test_cookies_of_sessions_are_out_of_reach_of_scripts_and_other_sites(client):
    cookie = client.post("/sign-in/", ADA).cookies[project.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert len(cookie.value) >= 32


def test_over_https_cookies_are_for_this_host_alone(tmp_path):
    script = (
        "from django.conf import settings as s\n"
        "names = s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEVICE_COOKIE_NAME\n"
        "assert all(name.startswith('__Host-') for name in names), names\n"
        "assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE\n"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "storemonitor.settings", "HTTPS": "true"}
    environment = {**os.environ, "VAR_DIR": str(tmp_path), **settings}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True)
