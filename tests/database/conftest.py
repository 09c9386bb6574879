"""What every test with a database starts from: all time zones, and media storage of its own.

Arrow reads over its own connection, which sees committed rows only: a test that ingests a file or
builds a report needs ``pytest.mark.django_db(transaction=True)``.
"""

from unittest.mock import patch

import pytest
from django.db import connection

from ingestion.models import TimeZone
from ingestion.zones import known_time_zones
from tests.servers import forget_on_a_crash


@pytest.fixture(autouse=True)
def _everybody_may(settings):
    """Requests need no token and have no limit; tests of access settle both by themselves."""
    settings.ANONYMOUS_SCOPES = ["read", "ingest", "admin"]
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_WRITE = settings.RATE_LIMIT_LOGIN = 0


@pytest.fixture(autouse=True)
def _media_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _time_zones(request):
    """A test with real transactions empties every table when it ends, this one among them."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        if not TimeZone.objects.exists():
            TimeZone.objects.bulk_create([TimeZone(name=name) for name in known_time_zones()])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """On PostgreSQL, do not wait for the disk."""
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            forget_on_a_crash(cursor, connection.settings_dict["NAME"])
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _quick_flush():
    """Empty PostgreSQL's tables by DELETE, which for a few rows is four times faster.

    The time zones stay: nothing writes them.
    """

    def deletions(operations, _, tables, **__):
        emptied = set(tables) - {TimeZone._meta.db_table}
        return [f"DELETE FROM {operations.quote_name(table)}" for table in sorted(emptied)]

    with patch("django.db.backends.postgresql.operations.DatabaseOperations.sql_flush", deletions):
        yield
