"""Lines to services that may hang: questions to one are asked one after another, in its own thread.

Each caller waits only as long as it chooses. Behind a question that hangs nothing piles up: those
that nobody waits for any more are never asked.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


class Line:
    """The thread for one service. It keeps no connection to the database between questions."""

    def __init__(self, service: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=service)

    def ask(self, question: Callable[[], T]) -> "Future[T]":
        """Ask when the earlier questions are answered."""
        return self._thread.submit(question)

    def hang_up(self) -> None:
        """Close the thread's connection to the database after the questions so far."""
        self._thread.submit(_close)


def _close() -> None:
    """Close the connection of the thread that runs this."""
    connection.close()


def answered(asked: "Mapping[str, Future[T]]", *, seconds: float) -> "dict[str, Future[T]]":
    """Return the questions that were answered, or failed, in time; withdraw the others."""
    wait(asked.values(), seconds)
    return {name: future for name, future in asked.items() if not _withdrawn(future)}


def _withdrawn(future: "Future[T]") -> bool:
    """Withdraw a question that has not been answered; one being asked goes on, unheard."""
    return future.cancel() or not future.done()
