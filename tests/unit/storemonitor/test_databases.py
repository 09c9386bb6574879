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
    limits = request["OPTIONS"]["options"]
    assert limits.startswith("-c lock_timeout=3s -c statement_timeout=30s ")
    assert limits.endswith(" -c work_mem=64MB")
    assert request["OPTIONS"]["connect_timeout"] < work["OPTIONS"]["connect_timeout"]
    assert request["OPTIONS"]["tcp_user_timeout"] < work["OPTIONS"]["tcp_user_timeout"]
    assert request["OPTIONS"]["sslmode"] == work["OPTIONS"]["sslmode"] == "require"


def test_the_server_notices_a_host_that_is_cut_off_as_fast_as_the_host_notices_the_server():
    options = for_work(POSTGRESQL)["OPTIONS"]
    told = dict(word.split("=") for word in options["options"].split() if "=" in word)
    for name in ("keepalives_idle", "keepalives_interval", "keepalives_count"):
        assert told[f"tcp_{name}"] == str(options[name])
    assert told["tcp_user_timeout"] == f"{options['tcp_user_timeout'] // 1000}s"


def test_what_the_url_says_of_keepalives_comes_last_so_that_it_counts():
    given = {**POSTGRESQL, "OPTIONS": {"options": "-c tcp_keepalives_idle=5"}}
    assert for_work(given)["OPTIONS"]["options"].endswith(" -c tcp_keepalives_idle=5")
