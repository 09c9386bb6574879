"""Django's connection parameters for PostgreSQL also apply to Arrow's connection."""

import pytest
from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL
from psycopg.conninfo import conninfo_to_dict

from fleet.models import Store
from fleet.polls.columns import conninfo, snapshot

OPTIONS = {
    "application_name": "a report's reader",
    "connect_timeout": 7,
    "keepalives_idle": 30,
    "options": "-c statement_timeout=60000",
    "passfile": "/run/secrets/pgpass",
    "service": "storemonitor",
    "sslcert": "/run/secrets/client certificate.pem",
    "sslcrl": "/run/secrets/revoked.pem",
    "sslkey": "/run/secrets/client.key",
    "sslmode": "verify-full",
    "sslrootcert": "/run/secrets/root.pem",
    "target_session_attrs": "read-write",
}


def test_it_passes_on_everything_that_libpq_knows():
    login = {"dbname": "n", "user": "u", "password": r"it's \ ", "host": "h", "port": "5433"}

    said = conninfo_to_dict(conninfo({**login, **OPTIONS}))

    assert said == {name: str(value) for name, value in (login | OPTIONS).items()}


def test_it_keeps_what_only_psycopg_knows_and_what_is_not_set_to_itself():
    params = {"dbname": "n", "cursor_factory": object, "context": None, "prepare_threshold": 5}

    assert conninfo({**params, "sslmode": None}) == "dbname=n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to name")
def test_it_reads_over_a_connection_set_up_as_django_is(monkeypatch):
    monkeypatch.setitem(
        connection.settings_dict, "OPTIONS", {"application_name": OPTIONS["application_name"]}
    )
    Store.objects.create(store_id="a")
    named = RawSQL("current_setting('application_name')", (), output_field=TextField())

    with snapshot() as read:
        rows = read(Store.objects.annotate(by=named).values_list("by"), {"by": "text"})

    assert rows["by"].tolist() == ["a report's reader"]
