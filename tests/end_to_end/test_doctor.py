"""The doctor in a process of its own: a system that runs well, and what keeps it from starting."""

import json
import sqlite3
from contextlib import suppress

import psycopg
import pytest
from psycopg import sql

from tests import servers
from tests.end_to_end.stack import Stack, until
from tests.isolation import free_port

# Of the machine's Redis, of the sample (a few of its stores have no time zone), and of the tests
# that share the system and make reports fail.
NOT_OURS = {"broker", "failures", "time zones"}


def examined(stack, *arguments):
    ended = stack.manage("doctor", "--json", *arguments)
    assert "Traceback" not in ended.stderr
    checks = json.loads(ended.stdout)["checks"]
    return ended.returncode, {one["check"]: one for one in checks}


def problem(checks, name):
    [found] = [one for one in checks[name]["findings"] if one["level"] != "OK"]
    return found["level"], found["reason"], found["do"]


@pytest.fixture
def alone(tmp_path):
    """An installation without running processes."""
    return Stack(tmp_path)


def test_it_finds_nothing_wrong_with_a_system_that_runs(filled):
    def faults():
        code, checks = examined(filled)
        bad = {name: one for name, one in checks.items() if one["level"] != "OK"}
        return [{name: bad[name] for name in bad.keys() - NOT_OURS}, code]

    # A worker that has just started has not written its heartbeat yet.
    with suppress(AssertionError):
        until(lambda: faults() == [{}, 0], seconds=30)
    assert faults() == [{}, 0]


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("TRUSTED_PROXIES", "x", "TRUSTED_PROXIES is 'x', which is not a whole number."),
        ("DATABASE_URL", "mysql://user:secret@host/name", "names neither PostgreSQL nor SQLite"),
        ("DATABASE_URL", "postgres://user:secret@host:port/name", "DATABASE_URL cannot be read"),
        ("VAR_DIR", "/dev/null/var", "Not a directory: '/dev/null/var'"),
    ],
)
def test_settings_cannot_be_used(alone, variable, value, words):
    alone.environment[variable] = value
    code, checks = examined(alone)
    level, reason, remedy = problem(checks, "settings")
    assert (code, level) == (2, "FAIL")
    assert words in reason
    assert "secret" not in reason
    assert variable in remedy or "docs/configuration.md" in remedy
    assert checks["packages"]["level"] == "OK"


def test_other_commands_say_in_a_line_that_settings_cannot_be_used(alone):
    alone.environment["SWEEP_SECONDS"] = "0"
    ended = alone.manage("prune", "--keep", "90d")
    assert ended.returncode == 1
    assert ended.stderr.startswith("The settings cannot be used: SWEEP_SECONDS")
    assert "Traceback" not in ended.stderr


def test_the_database_is_away(tmp_path):
    away = Stack(tmp_path, database_url=f"postgres://postgres@127.0.0.1:{free_port()}/name")
    code, checks = examined(away)
    level, reason, remedy = problem(checks, "database")
    assert (code, level) == (2, "FAIL")
    assert "Connection refused" in reason
    assert remedy.startswith("start PostgreSQL, or correct DATABASE_URL")
    assert checks["broker"]["level"] == checks["media"]["level"] == "OK"
    assert checks["polls"]["level"] == "SKIP"


def test_the_file_of_the_database_is_damaged(alone):
    path = alone.folder / "db.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE a (text)")
        connection.executemany("INSERT INTO a VALUES (?)", [["x" * 500]] * 100)
    connection.close()
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xff" * 8192
    path.write_bytes(content)
    code, checks = examined(alone, "--only", "database")
    level, reason, remedy = problem(checks, "database")
    assert (code, level) == (2, "FAIL")
    assert "damaged" in reason or "malformed" in reason
    assert "restore the last backup" in remedy


def test_there_are_no_tables_yet(alone):
    code, checks = examined(alone)
    level, reason, remedy = problem(checks, "migrations")
    assert (code, level, remedy) == (2, "FAIL", "./run manage migrate")
    assert "are not applied" in reason
    assert alone.manage("migrate", "--verbosity=0").returncode == 0
    assert examined(alone, "--only", "migrations")[0] == 0


def test_the_user_of_the_database_has_no_rights(tmp_path):
    with servers.database() as url:
        user = url.rpartition("/")[2] + "_reader"
        owner = Stack(tmp_path, database_url=url)
        assert owner.manage("migrate", "--verbosity=0").returncode == 0
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in ("CREATE ROLE {} LOGIN", "GRANT SELECT ON django_migrations TO {}"):
                connection.execute(sql.SQL(statement).format(sql.Identifier(user)))
            try:
                reader = Stack(tmp_path, database_url=url.replace("postgres@", f"{user}@"))
                code, checks = examined(reader, "--only", "rights")
                found = [one for one in checks["rights"]["findings"] if one["level"] == "FAIL"]
            finally:
                for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
                    connection.execute(sql.SQL(statement).format(sql.Identifier(user)))
    assert code == 2
    assert f"{user} may not read and write" in found[0]["reason"]
    assert found[0]["do"].endswith(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {user};")
    assert "may not create tables" in found[1]["reason"]
