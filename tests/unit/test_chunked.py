"""Chunked bodies get a length, or are refused like any that is too long."""

import io

import pytest

from storemonitor.chunked import KnownLength


def seen(body: bytes, limit: int = 100, **environ) -> tuple[str | None, bytes]:
    """Return the length and the body that an application behind the middleware finds."""
    found = []

    def application(environ, _start_response):
        found.append((environ.get("CONTENT_LENGTH"), environ["wsgi.input"].read()))
        return []

    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    given = {"wsgi.input": io.BytesIO(body), **chunked, **environ}
    KnownLength(application, limit=limit)(given, lambda *_: None)
    return found[0]


@pytest.mark.parametrize("body", [b"", b"some text", b"x" * 100])
def test_it_tells_the_length_of_a_chunked_body(body):
    assert seen(body) == (str(len(body)), body)


def test_it_takes_in_a_large_body():
    body = b"0123456789" * 500_000
    assert seen(body, limit=len(body)) == (str(len(body)), body)


def test_it_announces_a_body_above_the_limit_as_larger_and_drops_it():
    length, body = seen(b"x" * 101)
    assert int(length) > 100
    assert body == b""


def test_it_stops_reading_above_the_limit():
    stream = io.BytesIO(b"x" * 10_000_000)
    seen(b"", **{"wsgi.input": stream})
    assert stream.tell() < 1_000_000


def test_it_leaves_other_bodies_alone():
    assert seen(b"text", CONTENT_LENGTH="4") == ("4", b"text")
    assert seen(b"text", HTTP_TRANSFER_ENCODING="") == (None, b"text")
    assert seen(b"text", **{"wsgi.input_terminated": False}) == (None, b"text")
