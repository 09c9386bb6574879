"""``manage.py create_token`` and ``revoke_token``, and what ``check --deploy`` says."""

import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from access.models import AuditEntry, Token
from storemonitor.launch import preparation
from tests.paths import ROOT

pytestmark = pytest.mark.one_database


@pytest.mark.django_db
class TestCreateToken:
    def test_it_prints_the_token_alone_and_keeps_no_trace_of_it(self, capsys, caplog):
        call_command("create_token", "--name=bi", "--scope=read", "--scope=ingest")
        said = capsys.readouterr()
        secret = said.out.removesuffix("\n")
        assert re.fullmatch(r"sm_[0-9a-f]{12}_[\w-]{43}", secret)
        assert "bi may read, ingest, no expiry" in said.err
        assert secret not in said.err + caplog.text
        entry = AuditEntry.objects.get()
        assert secret.split("_", 2)[2] not in str(vars(entry))
        assert (entry.what, entry.how) == ("create_token", "command")
        assert entry.detail["scopes"] == ["read", "ingest"]
        token = Token.objects.get()
        assert token.created_by.endswith(" on the command line")
        assert token.expires_at is None

    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("90d", timedelta(days=90)),
            ("12w", timedelta(weeks=12)),
            ("720h", timedelta(hours=720)),
        ],
    )
    def test_it_takes_an_age(self, text, length):
        call_command("create_token", "--name=bi", "--scope=read", f"--expires={text}")
        left = Token.objects.get().expires_at - timezone.now()
        assert timedelta() < length - left < timedelta(minutes=1)

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--name=bi"],
            ["--scope=read"],
            ["--name=bi", "--scope=write"],
            ["--name=", "--scope=read"],
            ["--name=bi", "--scope=read", "--expires=soon"],
            ["--name=bi", "--scope=read", "--expires=0d"],
            ["--name=bi", "--scope=read", "--expires=-1d"],
        ],
    )
    def test_it_refuses_what_it_does_not_understand(self, arguments):
        with pytest.raises(CommandError):
            call_command("create_token", *arguments)
        assert not Token.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_it_gives_a_name_once(self):
        call_command("create_token", "--name=bi", "--scope=read")
        with pytest.raises(CommandError):
            call_command("create_token", "--name=bi", "--scope=read")


@pytest.mark.django_db
class TestRevokeToken:
    @pytest.mark.parametrize("by", ["name", "prefix"])
    def test_it_ends_a_token(self, by, client, settings, capsys):
        settings.ANONYMOUS_SCOPES = []
        call_command("create_token", "--name=bi", "--scope=read")
        headers = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
        assert client.get("/api/v1/reports/", headers=headers).status_code == 200
        call_command("revoke_token", getattr(Token.objects.get(), by))
        assert client.get("/api/v1/reports/", headers=headers).status_code == 401
        assert AuditEntry.objects.filter(what="revoke_token", detail__name="bi").count() == 1

    def test_it_says_where_there_is_none(self):
        with pytest.raises(CommandError, match="There is no valid token 'bi'"):
            call_command("revoke_token", "bi")


@pytest.mark.django_db(transaction=True)
def test_the_launchers_own_token_is_gone_afterwards(client, settings):
    settings.ANONYMOUS_SCOPES = []
    with preparation.passing_token() as secret:
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/reports/", headers=headers).status_code == 200
    assert client.get("/api/v1/reports/", headers=headers).status_code == 401
    assert not Token.objects.exists()


PRODUCTION = {
    "HTTPS": "true",
    "ALLOWED_HOSTS": "monitor.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://monitor.example.com",
    "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
}


def check(tmp_path, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"],
        cwd=ROOT,
        env={"VAR_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_finds_nothing_wrong_with_production_settings(tmp_path):
    checked = check(tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_it_warns_of_letting_anybody_in(tmp_path):
    checked = check(tmp_path, ANONYMOUS_SCOPES="read")
    assert checked.returncode != 0
    assert "access.W001" in checked.stderr
