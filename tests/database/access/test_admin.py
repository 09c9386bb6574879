"""Tokens and the audit log in the admin."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone

from access import tokens
from access.audit import entries
from access.models import AuditEntry, Token

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ADD = "/admin/access/token/add/"
LIST = "/admin/access/token/"
FORM = {"name": "bi", "can_read": "on", "expires_at_0": "2199-01-01", "expires_at_1": "00:00"}


def secret_in(response):
    return re.search(r"sm_[0-9a-f]{12}_[\w-]{43}", response.content.decode())[0]


def test_it_shows_a_new_token_once(admin_client, client, settings, caplog):
    settings.ANONYMOUS_SCOPES = []
    response = admin_client.post(ADD, FORM)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    secret = secret_in(response)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/reports/", headers=headers).status_code == 200
    token = Token.objects.get()
    assert (token.name, token.scopes, token.created_by) == ("bi", ("read",), "admin")
    again = admin_client.get(f"{LIST}{token.pk}/change/")
    assert again.status_code == 200
    for text in (again.content.decode(), admin_client.get(LIST).content.decode(), caplog.text):
        assert secret.split("_", 2)[2] not in text
        assert token.digest not in text


def test_it_records_who_made_and_who_revoked_it(admin_client):
    secret = secret_in(admin_client.post(ADD, FORM))
    token = Token.objects.get()
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    response = admin_client.post(LIST, chosen, follow=True)
    assert "Revoked: bi" in response.content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    revoked, made = AuditEntry.objects.all()
    assert (made.who, made.what, made.detail["token"]) == ("admin", f"POST {ADD}", token.prefix)
    assert revoked.detail["revoked"] == f"bi ({token.prefix})"
    assert secret.split("_", 2)[2] not in str(list(AuditEntry.objects.values()))
    response = admin_client.post(LIST, chosen, follow=True)
    assert "already revoked" in response.content.decode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": ""}, "required"),
        ({"can_read": ""}, "at least one scope"),
        ({"expires_at_0": "2001-01-01"}, "in the past"),
        ({"name": "taken"}, "has this name"),
    ],
)
def test_it_says_what_is_wrong_with_a_token(admin_client, change, reason):
    tokens.issue(name="taken", scopes=["read"], created_by="a test")
    response = admin_client.post(ADD, {**FORM, **change})
    assert response.status_code == 200
    assert reason in response.content.decode()
    assert Token.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_it_gives_the_name_of_a_revoked_token_again(admin_client):
    tokens.revoke(
        tokens.issue(name="bi", scopes=["read"], created_by="a test").token, at=timezone.now()
    )
    assert secret_in(admin_client.post(ADD, FORM))


def test_it_edits_and_deletes_no_token(admin_client):
    token = tokens.issue(name="bi", scopes=["read"], created_by="a test").token
    assert admin_client.post(f"{LIST}{token.pk}/change/", FORM).status_code == 403
    assert admin_client.post(f"{LIST}{token.pk}/delete/", {"post": "yes"}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [token.pk], "post": "yes"}
    admin_client.post(LIST, delete)
    token.refresh_from_db()


@pytest.fixture
def clerk(client):
    """A user who may only view tokens."""
    user = get_user_model().objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_token"))
    client.force_login(user)
    return client


def test_it_lets_only_those_make_and_revoke_who_may(clerk):
    token = tokens.issue(name="bi", scopes=["read"], created_by="a test").token
    assert clerk.get(LIST).status_code == 200
    assert clerk.get(ADD).status_code == 403
    assert clerk.post(ADD, FORM).status_code == 403
    clerk.post(LIST, {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is None


def test_it_says_which_tokens_still_open(admin_client):
    past = timezone.now() - timedelta(days=9)
    for name in ("valid", "expired", "revoked"):
        tokens.issue(name=name, scopes=["read"], created_by="a test")
    Token.objects.filter(name="expired").update(
        created_at=past, expires_at=past + timedelta(days=1)
    )
    Token.objects.filter(name="revoked").update(revoked_at=timezone.now())
    page = admin_client.get(LIST).content.decode()
    states = re.findall(r'field-state">(\w+)', page)
    assert sorted(states) == ["expired", "revoked", "valid"]


AUDIT = "/admin/access/auditentry/"


@pytest.fixture
def entry(db):
    entries.record(
        who="ada", how=AuditEntry.How.API, what="DELETE /api/v1/stores/7/", outcome="204"
    )
    return AuditEntry.objects.get()


def test_it_finds_a_change_and_lets_nobody_edit_it(admin_client, entry):
    assert "stores/7" in admin_client.get(AUDIT, {"q": "ada"}).content.decode()
    assert "stores/7" not in admin_client.get(AUDIT, {"q": "bob"}).content.decode()
    assert "stores/7" not in admin_client.get(AUDIT, {"how__exact": "admin"}).content.decode()
    assert admin_client.get(f"{AUDIT}{entry.pk}/change/").status_code == 200
    for path in (f"{AUDIT}{entry.pk}/change/", f"{AUDIT}{entry.pk}/delete/", f"{AUDIT}add/"):
        assert admin_client.post(path, {"who": "bob", "post": "yes"}).status_code == 403
    entry.refresh_from_db()
    assert entry.who == "ada"


def test_its_pages_have_nothing_inline(admin_client):
    for path in (LIST, ADD, AUDIT):
        page = admin_client.get(path).content.decode()
        assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", page), path
    page = admin_client.post(ADD, FORM).content.decode()
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", page)
