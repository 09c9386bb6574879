"""Prepare the next item while the current one is processed."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
_END = object()


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Yield the items of an iterator that runs in a thread, one item ahead; it starts at once.

    It pays if both sides release the GIL: NumPy on one side, a database or a file on the other.
    Exceptions of the iterator are raised here, in order. Closing this waits for the thread.
    """
    pool = ThreadPoolExecutor(1)
    yielded = _yielded(items, pool, pool.submit(next, items, _END))
    next(yielded)  # Up to the point where closing it ends the pool.
    return yielded


def _yielded(
    items: Iterator[Item], pool: ThreadPoolExecutor, coming: "Future[Any]"
) -> Generator[Any, None, None]:
    with pool:
        yield
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item
