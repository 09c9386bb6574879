"""No message leaves: tests take the part of the worker."""

import pytest


@pytest.fixture(autouse=True)
def _no_worker(told):
    pass
