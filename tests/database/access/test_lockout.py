"""Locks after failed log-ins: how long, where, for whom, and how they end."""

import inspect
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import get_resolver

from access.models import AuditEntry, LoginFailures
from tests.database.admin_pages import member_of, messages

pytestmark = pytest.mark.django_db

RIGHT = {"username": "ada", "password": "correct horse battery staple"}
WRONG = {**RIGHT, "password": "wrong"}
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
DOORS = ["/sign-in/", "/admin/login/"]
ROWS = "/admin/access/loginfailures/"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ada(django_user_model, settings):
    settings.ANONYMOUS_SCOPES = []
    settings.LOGIN_FAILURES = 3
    return django_user_model.objects.create_superuser(**RIGHT)


@pytest.fixture
def moment():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


def attempt(client, form=WRONG, address=HOME, door="/sign-in/"):
    return client.post(door, form, REMOTE_ADDR=address)


def statuses(client, count, form=WRONG, **where):
    return [attempt(client, form, **where).status_code for _ in range(count)]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.usefixtures("moment")
def test_it_locks_an_account_after_failures_in_a_row_also_for_the_right_password(client, door):
    assert statuses(client, 3, door=door) == [200, 200, 200]
    refused = attempt(client, RIGHT, door=door)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "Try again in 60 s." in refused.content.decode()
    assert "_auth_user_id" not in client.session
    other = next(one for one in DOORS if one != door)
    assert attempt(client, RIGHT, door=other).status_code == 429


def test_it_locks_twice_as_long_each_time_up_to_an_hour(client, moment):
    statuses(client, 2)
    waits = []
    for _ in range(8):
        attempt(client)
        waits.append(int(attempt(client, RIGHT)["Retry-After"]))
        moment.shift(timedelta(seconds=waits[-1]))
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert attempt(client, RIGHT).status_code == 302


@pytest.mark.usefixtures("moment")
def test_attempts_during_a_lock_do_not_make_it_longer(client):
    statuses(client, 3)
    assert statuses(client, 5) == [429] * 5
    assert LoginFailures.objects.get(place=f"address {HOME}").failures == 3


def test_it_counts_from_nothing_after_a_log_in_and_after_a_day(client, moment):
    for _ in range(3):
        statuses(client, 2)
        assert attempt(Client(), RIGHT).status_code == 302
    assert not LoginFailures.objects.exclude(place="anywhere").exists()
    statuses(client, 2)
    moment.shift(timedelta(days=1))
    assert statuses(client, 3) == [200] * 3
    assert LoginFailures.objects.get(place="anywhere").failures == 3


@pytest.mark.usefixtures("moment")
def test_a_stranger_does_not_lock_out_the_owner_at_another_address(client):
    statuses(Client(), 4, address=ELSEWHERE)
    assert attempt(client, RIGHT, address=HOME).status_code == 302


@pytest.mark.usefixtures("moment")
def test_strangers_at_many_addresses_lock_each_other_out_but_not_the_owners_browser(client):
    assert attempt(client, RIGHT).status_code == 302
    client.post("/sign-out/")
    for number in range(30):
        assert attempt(Client(), address=f"203.0.113.{number}").status_code == 200
    assert attempt(Client(), RIGHT, address="203.0.113.99").status_code == 429
    assert attempt(client, RIGHT, address=ELSEWHERE).status_code == 302


@pytest.mark.usefixtures("moment")
def test_strangers_at_the_owners_address_do_not_lock_out_the_owners_browser(client):
    attempt(client, RIGHT)
    client.post("/sign-out/")
    assert statuses(Client(), 4) == [200, 200, 200, 429]
    assert attempt(client, RIGHT).status_code == 302


@pytest.mark.usefixtures("moment")
def test_a_browser_that_has_logged_in_is_locked_for_its_own_failures(client):
    attempt(client, RIGHT)
    client.post("/sign-out/")
    assert statuses(client, 4) == [200, 200, 200, 429]
    assert attempt(client, address=ELSEWHERE).status_code == 429
    [row] = LoginFailures.objects.all()
    assert row.place.startswith("device ")
    assert attempt(Client(), RIGHT).status_code == 302


@pytest.mark.usefixtures("moment")
def test_the_mark_of_a_browser_is_worth_nothing_for_others_changed_or_old(
    client, django_user_model, moment
):
    django_user_model.objects.create_user("eve", password="something else entirely")
    attempt(client, {"username": "eve", "password": "something else entirely"})
    eves = client.cookies["device"].value
    statuses(Client(), 4)
    for value in (eves, f"x{eves}", "rubbish", ""):
        stranger = Client()
        stranger.cookies["device"] = value
        assert attempt(stranger, RIGHT).status_code == 429, value
    client.post("/sign-out/")
    moment.shift(timedelta(days=91))
    attempt(client, {"username": "eve", "password": "wrong"})
    assert LoginFailures.objects.filter(account="eve", place=f"address {HOME}").exists()


def test_the_mark_of_a_browser_is_out_of_reach_of_scripts_and_lets_nobody_in(client, settings):
    settings.SESSION_COOKIE_SECURE = True
    mark = attempt(client, RIGHT).cookies["device"]
    assert (mark["httponly"], mark["secure"], mark["samesite"]) == (True, True, "Lax")
    # Digests and numbers, not the name.
    assert re.match(r"[0-9a-f]{64}\.[0-9a-f]{16}:", mark.value)
    stranger = Client()
    stranger.cookies["device"] = mark.value
    assert stranger.get("/data/").status_code == 302


@pytest.mark.usefixtures("moment")
def test_it_takes_the_address_that_its_own_proxy_saw(client, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(3):
        client.post("/sign-in/", WRONG, headers={"X-Forwarded-For": f"10.0.0.{number}, {HOME}"})
    assert LoginFailures.objects.get(place=f"address {HOME}").failures == 3
    seen = {"X-Forwarded-For": ELSEWHERE}
    assert client.post("/sign-in/", RIGHT, headers=seen).status_code == 302


@pytest.mark.usefixtures("moment")
def test_it_locks_names_that_no_account_has_just_the_same_and_does_not_store_them(client):
    typed = "hunter2 in the wrong field"
    form = {"username": typed, "password": "x"}
    assert statuses(client, 4, form) == [200, 200, 200, 429]
    assert typed not in str(list(LoginFailures.objects.values()))
    assert LoginFailures.objects.filter(account__startswith="unknown name ").count() == 2


@pytest.mark.parametrize("name", ["ADA", "\uff41da", "a" * 10_000, "\x1b[2J", "ada\u202e", "%s"])
def test_it_counts_every_spelling_without_an_error(client, name):
    assert statuses(client, 2, {"username": name, "password": "x"}) == [200, 200]
    accounts = set(LoginFailures.objects.values_list("account", flat=True))
    assert accounts <= {"ada"} if name in {"ADA", "\uff41da"} else "ada" not in accounts


def test_it_locks_nobody_where_that_is_switched_off(client, settings):
    settings.LOGIN_FAILURES = 0
    assert statuses(client, 6) == [200] * 6
    assert not LoginFailures.objects.exists()


def test_it_refuses_a_locked_account_whatever_code_asks():
    request = RequestFactory().post("/elsewhere/", REMOTE_ADDR=HOME)
    assert authenticate(request, **RIGHT) is not None
    assert [authenticate(request, **WRONG) for _ in range(3)] == [None] * 3
    assert authenticate(request, **RIGHT) is None


def test_it_knows_every_page_that_takes_a_password():
    """A new way to log in must ask ``login_refused`` and be added to ``DOORS``."""
    views = {f"/{path}": view for path, view in _addresses(get_resolver().url_patterns)}
    takes = {path for path, view in views.items() if _has_log_in_form(view)}
    assert {path.rstrip("/") for path in takes} == {door.rstrip("/") for door in DOORS}


def _addresses(patterns, prefix=""):
    for one in patterns:
        path = prefix + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _addresses(one.url_patterns, path)
        else:
            yield path, one.callback


def _has_log_in_form(view):
    form = getattr(getattr(view, "view_class", None), "form_class", None)
    is_form = inspect.isclass(form) and issubclass(form, AuthenticationForm)
    return is_form or getattr(view, "__name__", "") == "login"


@pytest.mark.usefixtures("moment")
def test_a_wrong_old_password_counts_as_a_failed_log_in(client, ada):
    client.force_login(ada)
    change = {"old_password": "guess", "new_password1": "n3w-pass-phrase"}
    change["new_password2"] = change["new_password1"]
    path = "/admin/password_change/"
    answers = [client.post(path, change, REMOTE_ADDR=HOME).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    right = {**change, "old_password": RIGHT["password"]}
    assert client.post(path, right, REMOTE_ADDR=HOME).status_code == 429


@pytest.mark.usefixtures("moment")
def test_it_records_the_lock_but_not_each_failure(client, caplog):
    statuses(client, 2)
    assert not AuditEntry.objects.exists()
    attempt(client)
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.address) == ("POST /sign-in/", HOME)
    assert entry.detail["locked"] == "ada"
    assert entry.detail["place"] == f"address {HOME}"
    assert entry.detail["until"] == "2026-03-10 12:01:00 UTC"
    assert f"ada is locked until 2026-03-10 12:01:00 UTC, from address {HOME}" in caplog.text


@pytest.mark.usefixtures("moment")
def test_an_administrator_unlocks_it_in_the_admin(client, django_user_model):
    statuses(client, 3)
    boss = Client()
    boss.force_login(member_of("admin", django_user_model))
    page = boss.get(ROWS).content.decode()
    assert f"address {HOME}" in page
    assert "locked until 2026-03-10 12:01:00" in page
    row = LoginFailures.objects.get(place=f"address {HOME}")
    chosen = {"action": "unlock", "_selected_action": [row.pk]}
    answer = boss.post(ROWS, chosen, follow=True)
    assert messages(answer) == [f"Unlocked: ada from address {HOME}."]
    entry = AuditEntry.objects.filter(who="admin").first()
    assert entry.detail["unlocked"] == f"ada from address {HOME}"
    assert attempt(client, RIGHT).status_code == 302


@pytest.mark.parametrize("group", ["viewer", "operator"])
def test_others_neither_see_nor_unlock_it(client, django_user_model, group):
    statuses(client, 3)
    client.force_login(member_of(group, django_user_model))
    chosen = {
        "action": "unlock",
        "_selected_action": [row.pk for row in LoginFailures.objects.all()],
    }
    assert client.get(ROWS).status_code == 403
    assert client.post(ROWS, chosen).status_code == 403
    assert LoginFailures.objects.count() == 2


@pytest.mark.usefixtures("moment")
def test_a_command_unlocks_it_and_says_from_where_it_was_tried(client, capsys):
    statuses(client, 3)
    call_command("unlock_account", "Ada")
    said = capsys.readouterr().out
    assert f"3 failed from address {HOME}" in said
    assert "Unlocked ada." in said
    entry = AuditEntry.objects.get(what="unlock_account")
    assert (entry.how, entry.detail["unlocked"]) == ("command", "Ada")
    assert attempt(client, RIGHT).status_code == 302
    with pytest.raises(CommandError, match="No log-in as 'ben' has failed within a day"):
        call_command("unlock_account", "ben")


@pytest.mark.django_db(transaction=True)
def test_it_loses_no_failure_of_several_at_once(settings):
    settings.LOGIN_FAILURES = 100

    def one(_):
        try:
            return attempt(Client()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(one, range(12))) == {200}
    assert set(LoginFailures.objects.values_list("failures", flat=True)) == {12}
