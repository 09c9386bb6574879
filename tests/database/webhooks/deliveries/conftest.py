"""The base of delivery tests: a receiver on this machine, a clock, no broker."""

import ipaddress
from functools import partial

import pytest

from tests.receiver import receiving
from webhooks import tasks


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The messages to workers, which go nowhere."""
    messages = []
    for task in (tasks.announce, tasks.deliver):
        record = partial(_record, messages, task.name)
        monkeypatch.setattr(task, "apply_async", record)
    return messages


def _record(messages, name, *, args, **_):
    messages.append((name, *args))
