"""No message leaves: tests take the part of the worker."""

import pytest
from kombu.exceptions import OperationalError

from ingestion import tasks


@pytest.fixture(autouse=True)
def told(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "_send", calls.append)
    return calls


@pytest.fixture
def unreachable(monkeypatch):
    def send(_):
        raise OperationalError("refused")

    monkeypatch.setattr(tasks, "_send", send)
