"""One POST to a checked address, with limits on the time and the size of the answer.

It uses the standard library's ``http.client`` over our own socket, to connect to the address that
was checked while Host, SNI and the certificate use the name. Any HTTP client would need its
transport replaced for that. Redirects and proxies are deliberately not used.
"""

import io
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import SplitResult

from webhooks.sending.addresses import Address, Refused, check_url, port_of, resolve

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MAX_RESPONSE_BYTES = 4096
_MOST_SAID = 200


class NotSent(Exception):
    """There was no answer, or the address is refused; the text says why, for people."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A receiver's answer: the status, the beginning of the body, when to try again."""

    status: int
    text: str
    retry_after: timedelta | None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post ``body`` and return the answer, whatever its status.

    Raises NotSent if none came within ``TOTAL_SECONDS`` or the address is refused. The name is
    looked up first, which takes as long as the system's resolver allows.
    """
    try:
        parts = check_url(url)
        addresses = resolve(parts.hostname or "", port_of(parts))
        return _post(parts, addresses, body, headers)
    except Refused as error:
        raise NotSent(str(error)) from error
    except TimeoutError as error:
        raise NotSent(f"There was no answer within {TOTAL_SECONDS:.0f} s.") from error
    except (OSError, HTTPException) as error:
        raise NotSent(f"{type(error).__name__}: {_printable(error)}.") from error


def _post(
    parts: SplitResult, addresses: Sequence[Address], body: bytes, headers: Mapping[str, str]
) -> Answer:
    connection = HTTPConnection(parts.hostname or "", port_of(parts))
    deadline = time.monotonic() + TOTAL_SECONDS
    with _BoundedSocket(_connected(parts, addresses, deadline), deadline) as bounded:
        # If set, http.client uses it as it is; it calls sendall, makefile and close.
        connection.sock = cast("socket.socket", bounded)
        connection.request("POST", _target(parts), body, {"Host": parts.netloc, **headers})
        with connection.getresponse() as response:
            return Answer(
                status=response.status,
                text=_beginning(response),
                retry_after=_retry_after(response),
            )


def _connected(parts: SplitResult, addresses: Sequence[Address], deadline: float) -> socket.socket:
    """Return a connection to the first of the addresses that accepts one."""
    last: OSError | None = None
    for address in addresses:
        seconds = min(CONNECT_SECONDS, _remaining(deadline))
        try:
            plain = socket.create_connection((str(address), port_of(parts)), timeout=seconds)
        except OSError as error:
            last = error
        else:
            return _secured(plain, parts, deadline)
    raise last or OSError("the name has no address")


def _secured(plain: socket.socket, parts: SplitResult, deadline: float) -> socket.socket:
    """Return the connection itself, or for https one with TLS and a verified certificate."""
    if parts.scheme == "http":
        return plain
    with ExitStack() as unsecured:
        unsecured.enter_context(plain)
        plain.settimeout(_remaining(deadline))
        context = ssl.create_default_context()
        secured = context.wrap_socket(plain, server_hostname=parts.hostname)
        unsecured.pop_all()
    return secured


class _BoundedSocket:
    """A socket with one deadline for everything, however slowly data trickles."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._deadline = deadline

    def __enter__(self) -> "_BoundedSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(_remaining(self._deadline))
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_BoundedReader(self._socket, self._deadline))

    def close(self) -> None:
        """Leave it open: the response is still to be read."""


class _BoundedReader(io.RawIOBase):
    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_remaining(self._deadline))
        return self._socket.recv_into(buffer)


def _remaining(deadline: float) -> float:
    """Return the seconds to the deadline. Raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _printable(error: Exception) -> str:
    """Return the error as one line for the log; it may contain the receiver's own words."""
    text = str(error)[:_MOST_SAID].strip()
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _beginning(response: HTTPResponse) -> str:
    """Return the beginning of the body. A body cut short is fine: the status is known."""
    read = b""
    with suppress(OSError, HTTPException):
        while piece := response.read1(MAX_RESPONSE_BYTES - len(read)):
            read += piece
    return read.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _retry_after(response: HTTPResponse) -> timedelta | None:
    """Return the pause asked for in seconds; a date is ignored."""
    said = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(said)) if re.fullmatch("[0-9]{1,7}", said) else None


def _target(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.path or '/'}{query}"
