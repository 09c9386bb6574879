"""Request bodies sent in chunks: Django takes a body without a length for an empty one."""

import tempfile
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_CHUNK = 64 * 1024


class KnownLength:
    """WSGI middleware that gives chunked bodies the length they do not announce.

    A body is taken in, on disk when large, up to ``limit`` bytes. One that is larger is passed on
    as empty but announced as larger, so that it is refused the way any other would be.
    Only servers that mark the end of a chunked body are served so (gunicorn does).
    """

    def __init__(self, application: "WSGIApplication", *, limit: int) -> None:
        self._application = application
        self._limit = limit

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        """Answer one request."""
        if not _is_chunked(environ):
            return self._application(environ, start_response)
        with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as body:
            length = self._take_in(environ["wsgi.input"], body)
            known = {**environ, "CONTENT_LENGTH": str(length), "wsgi.input": body}
            return self._application(known, start_response)

    def _take_in(self, stream: IO[bytes], body: "tempfile.SpooledTemporaryFile[bytes]") -> int:
        while chunk := stream.read(_CHUNK):
            body.write(chunk)
            if body.tell() > self._limit:
                break
        length = body.tell()
        if length > self._limit:
            body.truncate(0)
        body.seek(0)
        return length


def _is_chunked(environ: "dict[str, Any]") -> bool:
    return (
        bool(environ.get("HTTP_TRANSFER_ENCODING"))
        and not environ.get("CONTENT_LENGTH")
        and bool(environ.get("wsgi.input_terminated"))
    )
