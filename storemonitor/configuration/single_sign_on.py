"""Signing in by an OpenID Connect provider: what OIDC_* adds to the settings."""

import os
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from access.groups import GROUPS
from storemonitor.configuration.secret_files import secret

# The provider's name in addresses; there is one.
PROVIDER = "oidc"
APPS = (
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
)
MIDDLEWARE = "allauth.account.middleware.AccountMiddleware"


def single_sign_on() -> dict[str, Any]:
    """Return the settings that OIDC_ISSUER and its kin lead to; none if it is not set.

    Raises ImproperlyConfigured if one is missing or unusable, or the package is not installed.
    """
    issuer = os.environ.get("OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return {}
    _check(issuer)
    return {
        "OIDC_GROUPS": _groups(),
        "OIDC_GROUPS_CLAIM": os.environ.get("OIDC_GROUPS_CLAIM") or "groups",
        "ACCOUNT_ADAPTER": "access.single_sign_on.adapters.Accounts",
        "SOCIALACCOUNT_ADAPTER": "access.single_sign_on.adapters.ProviderAccounts",
        "SOCIALACCOUNT_PROVIDERS": {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": PROVIDER,
                        "name": os.environ.get("OIDC_NAME") or urlsplit(issuer).hostname,
                        "client_id": _needed("OIDC_CLIENT_ID", os.environ.get("OIDC_CLIENT_ID")),
                        "secret": _needed("OIDC_CLIENT_SECRET", secret("OIDC_CLIENT_SECRET")),
                        "settings": {"server_url": issuer},
                    }
                ],
            }
        },
        # Accounts are told apart by the provider's identifier, so e-mail addresses prove nothing.
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_UNIQUE_EMAIL": False,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,
        "SOCIALACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        # Ours count log-ins over all processes.
        "ACCOUNT_RATE_LIMITS": False,
    }


def _check(issuer: str) -> None:
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname)):
        raise ImproperlyConfigured(
            f"OIDC_ISSUER is {issuer!r}; it must be the https URL of an OpenID Connect provider."
        )
    if find_spec("allauth") is None:
        raise ImproperlyConfigured(
            "OIDC_ISSUER is set, but django-allauth is not installed:"
            " pip install -r requirements-oidc.txt"
        )


def _is_here(host: str | None) -> bool:
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _needed(name: str, value: str | None) -> str:
    if not value:
        raise ImproperlyConfigured(f"OIDC_ISSUER is set, and {name} is not.")
    return value


def _groups() -> dict[str, str]:
    """Return our group for each of the provider's: ``staff=viewer, on call=operator``."""
    text = _needed("OIDC_GROUPS", os.environ.get("OIDC_GROUPS"))
    pairs = [pair.rpartition("=") for pair in text.split(",")]
    groups = {theirs.strip(): ours.strip() for theirs, _, ours in pairs}
    if not all(groups) or not set(groups.values()) <= set(GROUPS):
        raise ImproperlyConfigured(
            f"OIDC_GROUPS is {text!r}; write THEIRS=OURS, separated by commas."
            f" Ours are: {', '.join(GROUPS)}."
        )
    return groups
