"""How long requests wait for the database, and how long work does."""

from storemonitor.configuration.databases import for_requests, for_work

SQLITE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
POSTGRESQL = {
    "ENGINE": "storemonitor.postgresql",
    "OPTIONS": {"sslmode": "require", "options": "-c work_mem=64MB"},
}


def test_a_request_waits_for_the_one_writer_of_sqlite_for_less_than_work_does():
    work = for_work(SQLITE)
    request = for_requests(work, lock=3, statement=30)
    assert (work["OPTIONS"]["timeout"], request["OPTIONS"]["timeout"]) == (20, 3)
    assert request["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_no_statement_of_work_is_cut_off_and_those_of_requests_are():
    work = for_work(POSTGRESQL)
    request = for_requests(work, lock=3, statement=30)
    assert "-c statement_timeout=0s" in work["OPTIONS"]["options"]
    assert request["OPTIONS"]["options"] == (
        "-c lock_timeout=3s -c statement_timeout=30s -c work_mem=64MB"
    )
    assert request["OPTIONS"]["connect_timeout"] < work["OPTIONS"]["connect_timeout"]
    assert request["OPTIONS"]["tcp_user_timeout"] < work["OPTIONS"]["tcp_user_timeout"]
    assert request["OPTIONS"]["sslmode"] == work["OPTIONS"]["sslmode"] == "require"
