"""The scopes: what a token, a user or an anonymous sender may do."""

from collections.abc import Iterable

READ = "read"
INGEST = "ingest"
ADMIN = "admin"
SCOPES = (READ, INGEST, ADMIN)


def allowed_by(scopes: Iterable[str]) -> frozenset[str]:
    """Return all scopes that these include: ``admin`` includes all."""
    given = frozenset(scopes)
    return frozenset(SCOPES) if ADMIN in given else given
