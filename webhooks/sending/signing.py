"""Secrets and signatures according to Standard Webhooks 1.0 (standardwebhooks.com).

A secret is derived from a random seed in the database and SECRET_KEY, which is not in it. A check
value is also stored, so that a worker with another SECRET_KEY notices that it cannot sign.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode

from django.utils.crypto import salted_hmac

_PREFIX = "whsec_"


class WrongKey(Exception):
    """SECRET_KEY is not the one that the secret was created with."""

    def __init__(self) -> None:
        super().__init__(
            "SECRET_KEY is not the one this webhook's secret was created with:"
            " give every web process and worker the same, or rotate the secret."
        )


def new_seed() -> str:
    """Return a new random seed."""
    return secrets.token_urlsafe(32)


def secret_of(seed: str) -> str:
    """Return the secret as its receiver gets it: ``whsec_`` and 32 bytes in base 64."""
    return _PREFIX + b64encode(_key(seed)).decode()


def check_value(seed: str) -> str:
    """Return a value that tells secrets apart without revealing them."""
    return hashlib.sha256(b"check" + _key(seed)).hexdigest()[:16]


def signature(seed: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message, sent at ``timestamp`` seconds since 1970."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(_key(seed), content, "sha256")).decode()


def _key(seed: str) -> bytes:
    return salted_hmac("webhooks.sending.signing", seed, algorithm="sha256").digest()
