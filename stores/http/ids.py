"""Store ids in addresses: any text there is, in one segment of a path.

Most ids stand in a path percent-encoded and as they are. A few cannot: servers and browsers take a
slash for the end of a segment, however it is encoded, and resolve ``.`` and ``..``. These are
written as ``~`` and the base64url of their UTF-8, and so may any other be.
"""

import base64
import binascii

MARK = "~"


class StoreIdConverter:
    """One segment of a path that says a store id."""

    regex = "[^/]+"

    def to_python(self, segment: str) -> str:
        """Return the id; ValueError, which is answered by 404, where no store can have it."""
        store_id = _decoded(segment[1:]) if segment.startswith(MARK) else segment
        if "\0" in store_id:
            raise ValueError("no store id has a NUL character")
        return store_id

    def to_url(self, store_id: str) -> str:
        """Return the segment."""
        if "/" in store_id or store_id in {".", ".."} or store_id.startswith(MARK):
            return MARK + base64.urlsafe_b64encode(store_id.encode()).decode().rstrip("=")
        return store_id


def _decoded(text: str) -> str:
    try:
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except binascii.Error as error:
        raise ValueError("not base64url") from error
