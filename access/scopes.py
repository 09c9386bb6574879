"""The scopes: what a token, a person or anybody may do."""

from collections.abc import Iterable

READ = "read"
INGEST = "ingest"
ADMIN = "admin"
SCOPES = (READ, INGEST, ADMIN)


def allowed_by(scopes: Iterable[str]) -> frozenset[str]:
    """Return everything that these scopes allow: ``admin`` is all of them."""
    given = frozenset(scopes)
    return frozenset(SCOPES) if ADMIN in given else given
