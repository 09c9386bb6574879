"""Secrets in files: read, put into URLs, and refused with a reason."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from storemonitor.configuration.secret_files import secret, with_password
from tests.paths import ROOT

ODD = "p@ss/w:rd%+#"
QUOTED = "p%40ss%2Fw%3Ard%25%2B%23"


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Return a function that names a file with this content in a variable."""

    def named(variable, content):
        path = tmp_path / variable
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        monkeypatch.setenv(variable, str(path))
        return path

    return named


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_it_reads_a_secret_from_a_file(file, end):
    file("EMAIL_URL_FILE", f" with spaces {end}")
    assert secret("EMAIL_URL") == " with spaces "


def test_it_reads_a_secret_from_the_environment(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp://host")
    assert secret("EMAIL_URL") == "smtp://host"
    monkeypatch.delenv("EMAIL_URL")
    assert secret("EMAIL_URL") == ""


@pytest.mark.parametrize(
    ("url", "complete"),
    [
        ("postgres://app@db:5432/app?a=b", f"postgres://app:{QUOTED}@db:5432/app?a=b"),
        ("redis://queue:6379/0", f"redis://:{QUOTED}@queue:6379/0"),
        ("rediss://a%40b@[::1]:6379/0", f"rediss://a%40b:{QUOTED}@[::1]:6379/0"),
    ],
)
def test_it_puts_a_password_into_a_url(file, url, complete):
    file("CELERY_BROKER_PASSWORD_FILE", f"{ODD}\n")
    assert with_password("CELERY_BROKER_PASSWORD_FILE", url) == complete
    assert with_password("DATABASE_PASSWORD_FILE", url) == url


def test_it_refuses_two_secrets_of_one_name(file, monkeypatch):
    file("SECRET_KEY_FILE", "one")
    monkeypatch.setenv("SECRET_KEY", "other")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        secret("SECRET_KEY")
    with pytest.raises(ImproperlyConfigured, match="has a password, too"):
        with_password("SECRET_KEY_FILE", "redis://:mine@host/0")


@pytest.mark.parametrize("url", ["filesystem://", "sqlite:////var/db.sqlite3"])
def test_it_refuses_a_password_for_no_server(file, url):
    file("DATABASE_PASSWORD_FILE", "one")
    with pytest.raises(ImproperlyConfigured, match="names no server: remove DATABASE_PASSWORD_"):
        with_password("DATABASE_PASSWORD_FILE", url)


@pytest.mark.parametrize(
    ("content", "why"), [("\n", "is empty"), (b"\xff", "cannot be read: is not UTF-8")]
)
def test_it_says_what_is_wrong_with_a_file(file, content, why):
    path = file("SECRET_KEY_FILE", content)
    with pytest.raises(ImproperlyConfigured, match=f"SECRET_KEY_FILE is {path}, which {why}"):
        secret("SECRET_KEY")


def test_it_says_that_a_file_is_missing(monkeypatch):
    monkeypatch.setenv("SECRET_KEY_FILE", "/nowhere/key")
    with pytest.raises(ImproperlyConfigured, match="/nowhere/key, which cannot be read: No such"):
        secret("SECRET_KEY")


def test_the_settings_use_them(file, tmp_path):
    named = {
        "SECRET_KEY_FILE": "s" * 50,
        "DATABASE_PASSWORD_FILE": ODD,
        "CELERY_BROKER_PASSWORD_FILE": ODD,
        "EMAIL_URL_FILE": "smtp://u:password@mail:25",
    }
    environment = {
        **{name: str(file(name, content)) for name, content in named.items()},
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": "postgres://app@db:5432/app",
        "CELERY_BROKER_URL": "redis://queue:6379/0",
    }
    code = (
        "from storemonitor import settings as s; print(s.SECRET_KEY, s.EMAIL_HOST_PASSWORD,"
        " s.DATABASES['default']['PASSWORD'], s.CELERY_BROKER_URL)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    assert told.stdout.decode().split() == [
        "s" * 50,
        "password",
        ODD,
        f"redis://:{QUOTED}@queue:6379/0",
    ]


def test_celery_uses_the_password_in_the_file(file, tmp_path):
    environment = {
        "CELERY_BROKER_PASSWORD_FILE": str(file("CELERY_BROKER_PASSWORD_FILE", "word")),
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path / "var"),
        "CELERY_BROKER_URL": "redis://queue:6379/0",
    }
    code = (
        "from storemonitor.celery import app; print(*(connection.as_uri(include_password=True)"
        " for connection in (app.connection_for_read(), app.connection_for_write())))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    uris = told.stdout.decode().split()
    assert [uri.partition("://")[2] for uri in uris] == [":word@queue:6379/0"] * 2
