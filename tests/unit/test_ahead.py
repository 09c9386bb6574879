"""One item is prepared while another is worked on."""

import threading

import pytest

from ingestion.ahead import ahead


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
