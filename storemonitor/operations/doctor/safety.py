"""Settings that are unsafe, or that contradict each other."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, run_checks

from schedules import mails
from schedules.models import Schedule
from storemonitor.launch.anonymous import is_loopback
from storemonitor.operations.doctor.findings import Finding, counted, fail, fine, named, warn
from webhooks.models import Webhook
from webhooks.sending.signing import check_value

_KEY_CHARACTERS, _KEY_DISTINCT = 50, 5
_INSECURE = ("django-insecure-", "changeme", "change-me", "secret")
_NEW_KEY = (
    'python3 -c "import secrets; print(secrets.token_urlsafe(50))" makes one: set SECRET_KEY to it'
    " for web, worker and beat, then rotate the secrets of webhooks"
)
_RESTART = "for web, worker and beat, and restart them"


def is_exposed() -> bool:
    """Tell whether others than this machine's users are meant to reach the server."""
    host = os.environ.get("HOST") or "127.0.0.1"
    names = (name.strip("[]") for name in settings.ALLOWED_HOSTS)
    others = any(not is_loopback(name) for name in names)
    return settings.HTTPS or settings.TRUSTED_PROXIES > 0 or others or not is_loopback(host)


def secret_key() -> Iterator[Finding]:
    """Judge the key that signs sessions and messages."""
    key = settings.SECRET_KEY
    weak = len(key) < _KEY_CHARACTERS or len(set(key)) < _KEY_DISTINCT
    if weak or key.lower().startswith(_INSECURE):
        text = f"SECRET_KEY can be guessed: {counted(len(key), 'character')}, or a well-known one"
        yield fail(text, _NEW_KEY) if is_exposed() else warn(text, _NEW_KEY)


def exposure() -> Iterator[Finding]:
    """Judge what people on other machines could do."""
    exposed = is_exposed()
    if settings.DEBUG:
        text = "DEBUG is on: pages of errors show settings and code"
        do = f"unset DEBUG {_RESTART}"
        yield fail(text, do) if exposed else warn(text, do)
    if settings.ANONYMOUS_SCOPES and exposed:
        scopes = ", ".join(settings.ANONYMOUS_SCOPES)
        text = f"ANONYMOUS_SCOPES lets everybody who reaches this server {scopes}, without a token"
        do = (
            f"unset ANONYMOUS_SCOPES {_RESTART}; ./run manage create_token --name NAME --scope read"
        )
        yield warn(text, do) if settings.ANONYMOUS_SCOPES == ["read"] else fail(text, do)
    if "*" in settings.ALLOWED_HOSTS:
        text = "ALLOWED_HOSTS has *: links in answers can be made to lead to another host"
        yield warn(text, f"set ALLOWED_HOSTS to the names of this server {_RESTART}")
    if not settings.ALLOWED_HOSTS:
        text = "ALLOWED_HOSTS is empty: every request is refused"
        yield fail(text, f"set ALLOWED_HOSTS to the names of this server {_RESTART}")
    if exposed and not settings.HTTPS:
        text = "HTTPS is off, and others can reach this server: passwords and tokens can be read"
        yield warn(text, f"let a proxy terminate TLS (SECURITY.md), and set HTTPS=true {_RESTART}")


def addresses() -> Iterator[Finding]:
    """Compare the settings that say how this server is reached."""
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        yield from _of_origin(origin)
    scheme = urlsplit(settings.SITE_URL).scheme
    if settings.SITE_URL and (scheme == "https") != settings.HTTPS and is_exposed():
        text = f"SITE_URL is {scheme}:// and HTTPS is {'on' if settings.HTTPS else 'off'}"
        yield warn(text, f"make both say the same {_RESTART}")
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        text = "HTTPS is on and TRUSTED_PROXIES is 0: all clients have the proxy's address"
        yield warn(text, f"set TRUSTED_PROXIES to the number of your proxies {_RESTART}")


def _of_origin(origin: str) -> Iterator[Finding]:
    parts = urlsplit(origin)
    if not parts.hostname:
        return  # Django's own checks say so.
    if (parts.scheme == "https") != settings.HTTPS:
        state = "on: it never matches" if settings.HTTPS else "off: its cookies travel in the clear"
        do = "write https:// in it" if settings.HTTPS else f"set HTTPS=true {_RESTART}"
        yield warn(f"CSRF_TRUSTED_ORIGINS has {origin}, and HTTPS is {state}", do)
    hosts = settings.ALLOWED_HOSTS
    host = parts.hostname.lstrip("*.")
    if "*" not in hosts and not any(host in {name, name.lstrip(".")} for name in hosts):
        text = f"CSRF_TRUSTED_ORIGINS has {origin}, but ALLOWED_HOSTS refuses requests to {host}"
        yield warn(text, f"add {host} to ALLOWED_HOSTS {_RESTART}")


def framework() -> Iterator[Finding]:
    """Pass on what Django's own checks say."""
    found = [one for one in run_checks() if not one.is_silenced()]
    for message in found:
        yield _of_django(message)
    if not found:
        yield fine("Django's checks find nothing")


def _of_django(message: CheckMessage) -> Finding:
    do = str(message.hint or "./run manage check shows all of it")
    text = f"{message.id}: {message.msg}"
    return fail(text, do) if message.is_serious() else warn(text, do)


def messages() -> Iterator[Finding]:
    """Find webhooks and e-mails that these settings cannot send."""
    hooks = Webhook.objects.filter(active=True).only("name", "secret_seed", "secret_check")
    foreign = [one.name for one in hooks if check_value(one.secret_seed) != one.secret_check]
    if foreign:
        yield fail(
            f"SECRET_KEY is not the one that {counted(len(foreign), 'webhook')} was created with"
            f" ({named(foreign)}): nothing is sent to them",
            f"set SECRET_KEY to the former one {_RESTART}, or rotate each secret in the admin",
        )
    mailing = Schedule.objects.filter(active=True).exclude(recipients=[])
    names = [] if mails.can_send() else list(mailing.values_list("name", flat=True))
    if names:
        text = f"no e-mail can be sent, and schedules have recipients: {named(names)}"
        yield fail(text, f"set EMAIL_URL and SITE_URL {_RESTART}")
