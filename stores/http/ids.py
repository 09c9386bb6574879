"""Store ids in URLs: any text, in one path segment.

Most ids are percent-encoded. For some that does not work: servers and browsers treat a slash as
the end of a segment even if encoded, and resolve ``.`` and ``..``. These ids are written as ``~``
and the base64url of their UTF-8; any other id may be, too.
"""

import base64
import binascii

MARK = "~"


class StoreIdConverter:
    """A path segment that holds a store id."""

    regex = "[^/]+"

    def to_python(self, segment: str) -> str:
        """Return the id; ValueError, answered with 404, if no store can have it."""
        store_id = _decoded(segment[1:]) if segment.startswith(MARK) else segment
        if "\0" in store_id:
            raise ValueError("no store id has a NUL character")
        return store_id

    def to_url(self, store_id: str) -> str:
        if "/" in store_id or store_id in {".", ".."} or store_id.startswith(MARK):
            return MARK + base64.urlsafe_b64encode(store_id.encode()).decode().rstrip("=")
        return store_id


def _decoded(text: str) -> str:
    try:
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except binascii.Error as error:
        raise ValueError("not base64url") from error
