"""Clients over HTTP, many at once, and what they wait for."""

import http.client
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, TypeVar

from bench.measure import Failed, Run
from bench.stack import HOST

_PIECE = 1 << 20
# The server closes a connection that nobody has used for two.
_IDLE_SECONDS = 1.0
_GOOD = (200, 202)
NO_HEADERS: Mapping[str, str] = {}

Given = TypeVar("Given")
Got = TypeVar("Got")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request came to, and how long it took."""

    status: int
    body: bytes
    seconds: float

    @property
    def content(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """One sender with one connection, which it keeps while it is used."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=300)
        self._used = 0.0
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(
        self, method: str, path: str, content: Any = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> Answer:
        """Send JSON, or bytes as CSV. Raises ``Failed`` for an answer that refuses it."""
        body, sort = content, "text/csv"
        if content is not None and not isinstance(content, bytes):
            body, sort = json.dumps(content).encode(), "application/json"
        start = time.perf_counter()
        response = self._answered(method, path, body, {"Content-Type": sort, **headers})
        received = response.read()
        self._used = time.perf_counter()
        answer = Answer(status=response.status, body=received, seconds=self._used - start)
        if answer.status not in _GOOD:
            raise Failed(f"{method} {path} answered {answer.status}: {answer.body.decode()[:500]}")
        return answer

    def download(self, path: str) -> int:
        """Read a file in pieces, as most clients do; return its bytes."""
        response = self._answered("GET", path, None, {})
        if response.status != 200:
            raise Failed(f"GET {path} answered {response.status}")
        size = 0
        while piece := response.read(_PIECE):
            size += len(piece)
        return size

    def _answered(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        if time.perf_counter() - self._used > _IDLE_SECONDS:
            self._connection.close()
        self._connection.request(method, path, body, {**self._headers, **headers})
        return self._connection.getresponse()


def at_once(work: Callable[[Given], Got], given: Iterable[Given]) -> list[Got]:
    """Do the work on each in a thread of its own; return the results in the same order."""
    every = list(given)
    with ThreadPoolExecutor(len(every)) as threads:
        return list(threads.map(work, every))


def percentile(seconds: Sequence[float], percent: int) -> Run:
    """Return the seconds that so many percent of the requests did not exceed."""
    return Run(seconds=quantiles(seconds, n=100)[percent - 1], rows=len(seconds))
