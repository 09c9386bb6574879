"""The base of every test with a database: the rows of migrations, and a media storage.

Arrow reads over its own connection, which sees committed rows only: a test that ingests a file or
builds a report needs ``pytest.mark.django_db(transaction=True)``.
"""

from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import TransactionTestCase
from kombu.exceptions import OperationalError

from fleet.models import TimeZone
from tests.database.clocks import standing_still
from tests.servers import forget_on_a_crash


@pytest.fixture(autouse=True)
def _everybody_may(settings):
    """Requests need no token and have no limit; tests of access set both themselves."""
    settings.ANONYMOUS_SCOPES = ["read", "ingest", "admin"]
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_WRITE = settings.RATE_LIMIT_LOGIN = 0


@pytest.fixture(autouse=True)
def _no_search_for_static_files(settings):
    """WhiteNoise looks for them all when a client is made, which takes longer than most tests."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """A slow hash would cost a fifth of a second for each user."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _media_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def told(monkeypatch):
    """The messages about kept uploads; none leaves, and tests take the part of the worker."""
    calls = []
    monkeypatch.setattr("ingestion.tasks._send", calls.append)
    return calls


@pytest.fixture
def unreachable(monkeypatch):
    """The broker refuses the messages about kept uploads."""

    def send(_):
        raise OperationalError("refused")

    monkeypatch.setattr("ingestion.tasks._send", send)


@pytest.fixture
def clock():
    """The database's clock, standing still until it is moved."""
    with standing_still() as moved:
        yield moved


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Make PostgreSQL not wait for the disk, and empty tables quickly."""
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                forget_on_a_crash(cursor, connection.settings_dict["NAME"])
            connection.close()
        emptied = _quick_emptying()
    with patch.object(TransactionTestCase, "_fixture_teardown", emptied):
        yield


def _quick_emptying():
    """Return what ends a test with real transactions: all rows go except those of migrations.

    Django's flush would remove and recreate these too, which is half the time of most tests. It is
    only used if their number has changed.
    """
    made_by_migrations = (ContentType, Permission, TimeZone)
    flush = TransactionTestCase._fixture_teardown
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    emptied = sorted(set(tables) - {model._meta.db_table for model in made_by_migrations})
    deletions = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in emptied]
    if connection.vendor == "postgresql":
        deletions = ["; ".join(deletions)]  # In one message, instead of waiting for each answer.

    def counts():
        return [model.objects.count() for model in made_by_migrations]

    def empty(case):
        if counts() == at_first:
            connection.ops.execute_sql_flush(deletions)
        else:
            flush(case)

    at_first = counts()
    return empty
