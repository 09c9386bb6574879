"""One item is prepared while another is worked on."""

import threading
from contextlib import closing

import pytest

from feeds.files.read_ahead import ahead


def test_it_yields_every_item_in_order():
    assert list(ahead(iter(range(100)))) == list(range(100))


def test_it_yields_nothing_of_nothing():
    assert list(ahead(iter(()))) == []


def test_it_prepares_the_next_item_before_it_is_asked_for():
    prepared = threading.Event()

    def items():
        yield 1
        prepared.set()
        yield 2

    assert next(ahead(items())) == 1
    assert prepared.wait(10)


def test_it_raises_what_the_items_raise_at_their_place():
    def items():
        yield 1
        raise KeyError("second")

    ready = ahead(items())
    assert next(ready) == 1
    with pytest.raises(KeyError, match="second"):
        next(ready)


def test_it_begins_before_the_first_item_is_asked_for():
    begun = threading.Event()

    def items():
        begun.set()
        yield 1

    with closing(ahead(items())):
        assert begun.wait(10)


def test_it_waits_for_its_thread_when_it_is_closed():
    entered, leave, left = threading.Event(), threading.Event(), threading.Event()

    def items():
        entered.set()
        leave.wait(10)
        left.set()
        yield 1

    ready = ahead(items())
    assert entered.wait(10)
    threading.Timer(0.05, leave.set).start()

    ready.close()

    assert left.is_set()
