"""Prepare the next item while this one is worked on."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
_END = object()


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Yield the items of an iterator that a thread runs, one item ahead; it begins at once.

    It pays where both sides leave the interpreter free: NumPy here, a database or a file there.
    What the iterator raises is raised here, at its place. Closing this waits for the thread.
    """
    pool = ThreadPoolExecutor(1)
    yielded = _yielded(items, pool, pool.submit(next, items, _END))
    next(yielded)  # To where closing it ends the pool.
    return yielded


def _yielded(
    items: Iterator[Item], pool: ThreadPoolExecutor, coming: "Future[Any]"
) -> Generator[Any, None, None]:
    with pool:
        yield
        while (item := coming.result()) is not _END:
            coming = pool.submit(next, items, _END)
            yield item
