"""Settings that are unsafe or contradict each other: the doctor names each."""

import pytest

from tests.database.storemonitor.doctor.asking import asked, is_clean, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

GOOD_KEY = "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOP"


@pytest.fixture(autouse=True)
def public(settings, monkeypatch):
    """A well-configured installation that others can reach."""
    monkeypatch.setenv("HOST", "0.0.0.0")
    settings.ALLOWED_HOSTS = ["monitor.example.com", "localhost"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://monitor.example.com"]
    settings.SITE_URL = "https://monitor.example.com"
    settings.HTTPS = True
    settings.TRUSTED_PROXIES = 1
    settings.ANONYMOUS_SCOPES = []
    settings.SECRET_KEY = GOOD_KEY
    return settings


@pytest.fixture
def private(public, monkeypatch):
    """An installation that only this machine's users can reach."""
    monkeypatch.delenv("HOST")
    public.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    public.CSRF_TRUSTED_ORIGINS = []
    public.SITE_URL = ""
    public.HTTPS = False
    public.TRUSTED_PROXIES = 0
    return public


def test_it_has_nothing_against_good_settings():
    _, checks = asked("secret key", "exposure", "addresses", "framework")
    assert {one["level"] for one in checks.values()} == {"OK"}


def test_it_has_nothing_against_an_open_server_that_nobody_else_reaches(private):
    private.ANONYMOUS_SCOPES = ["read", "ingest", "admin"]
    _, checks = asked("secret key", "exposure", "addresses", "framework")
    assert {one["level"] for one in checks.values()} == {"OK"}


@pytest.mark.parametrize("key", ["secret", "x" * 60, "django-insecure-" + GOOD_KEY])
def test_the_key_can_be_guessed(public, key):
    public.SECRET_KEY = key
    level, reason, remedy = told("secret key")
    assert level == "FAIL"
    assert "SECRET_KEY can be guessed" in reason
    assert key not in reason
    assert "secrets.token_urlsafe(50)" in remedy


@pytest.mark.parametrize(
    ("values", "expected", "words", "remedy"),
    [
        ({"DEBUG": True}, "FAIL", "DEBUG is on", "unset DEBUG"),
        ({"ANONYMOUS_SCOPES": ["read"]}, "WARN", "lets everybody", "unset ANONYMOUS_SCOPES"),
        ({"ANONYMOUS_SCOPES": ["admin"]}, "FAIL", "lets everybody", "unset ANONYMOUS_SCOPES"),
        ({"ALLOWED_HOSTS": ["*"]}, "WARN", "ALLOWED_HOSTS has *", "set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": []}, "FAIL", "every request is refused", "set ALLOWED_HOSTS"),
        ({"HTTPS": False}, "WARN", "passwords and tokens can be read", "let a proxy terminate TLS"),
    ],
)
def test_others_could_do_harm(public, values, expected, words, remedy):
    for name, value in values.items():
        setattr(public, name, value)
    level, reason, what_to_do = told("exposure")
    assert level == expected
    assert words in reason
    assert what_to_do.startswith(remedy)


def test_debug_is_a_warning_where_nobody_else_reaches_the_server(private):
    private.DEBUG = True
    assert told("exposure")[0] == "WARN"


@pytest.mark.parametrize(
    ("values", "words", "remedy"),
    [
        (
            {"CSRF_TRUSTED_ORIGINS": ["http://monitor.example.com"]},
            "HTTPS is on: it never matches",
            "write https://",
        ),
        (
            {"HTTPS": False, "SITE_URL": ""},
            "HTTPS is off: its cookies travel in the clear",
            "set HTTPS=true",
        ),
        (
            {"CSRF_TRUSTED_ORIGINS": ["https://other.example.com"]},
            "ALLOWED_HOSTS refuses requests to other.example.com",
            "add other.example.com to ALLOWED_HOSTS",
        ),
        ({"SITE_URL": "http://monitor.example.com"}, "SITE_URL is http://", "make both say"),
        ({"TRUSTED_PROXIES": 0}, "all clients have the proxy's address", "set TRUSTED_PROXIES"),
    ],
)
def test_addresses_contradict_each_other(public, values, words, remedy):
    for name, value in values.items():
        setattr(public, name, value)
    level, reason, what_to_do = told("addresses")
    assert level == "WARN"
    assert words in reason
    assert remedy in what_to_do


def test_the_framework_has_something_against_it(public):
    public.SESSION_ENGINE = "no.such.module"
    public.STATICFILES_DIRS = "a text"
    level, reason, _ = told("framework")
    assert level == "FAIL"
    assert reason.startswith("staticfiles.E001:")
    public.STATICFILES_DIRS = []
    assert is_clean("framework")
