"""The base of job tests: the tables of errands."""

import pytest

from tests.database.jobs.errands import tables


@pytest.fixture(scope="package")
def errands(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), tables():
        yield
