"""Preparations for a start: tables, an administrator, data."""

import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from access import tokens
from access.audit.entries import recorded_command
from access.scopes import READ
from fleet.apps import add_time_zones
from fleet.models import Store
from ingestion.sample_stores import has_sample
from storemonitor.launch.supervisor import ROOT

SAMPLE_DAYS = 8
ADMINISTRATOR = "admin"
# Exit codes of `manage.py ingest` that mean data was stored: all of it, or all but bad rows.
INGESTED = (0, 3)


class CannotPrepare(Exception):
    """The text says what failed; the reason is above it on the terminal."""


def migrate() -> int:
    """Apply migrations and return how many there were.

    Time zones of a newer tzdata are always added.
    """
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    add_time_zones(using=connection.alias)
    return len(plan)


def make_administrator() -> str | None:
    """Return the new administrator's password, or None if there already was an administrator.

    The database stores only its hash, so this is the only time it can be shown.
    """
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    with recorded_command("run"):
        users.create_superuser(ADMINISTRATOR, password=password)
    return password


def fill_with(paths: Sequence[str]) -> None:
    """Ingest folders and files. Raises ``CannotPrepare`` if none of them can be used."""
    _manage("ingest", *paths, allowed=INGESTED)


def fill_with_sample(folder: Path, *, stores: int) -> None:
    """Create sample files in ``folder`` and ingest them, if there is no store yet.

    Files of an interrupted start are created and ingested again, up to the same instant, which
    changes nothing that is already stored; not if there are real stores. Raises ``CannotPrepare``.
    """
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    if not stores or _has_real_stores() or (has_sample() and not unfinished.exists()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    until = _until(unfinished)
    size = (f"--stores={stores}", f"--days={SAMPLE_DAYS}")
    _manage("sample_data", str(folder), *size, f"--until={until}")
    try:
        _manage("ingest", str(folder), "--sample", "--requested-by=./run", allowed=INGESTED)
    except CannotPrepare:
        # Real data that arrived meanwhile is fine, too.
        if not _has_real_stores():
            raise
    unfinished.unlink()


def _has_real_stores() -> bool:
    return Store.objects.filter(is_sample=False).exists()


def _until(unfinished: Path) -> str:
    """Return the instant at which the sample ends: that of an interrupted start, or now."""
    if not unfinished.exists() or not unfinished.read_text():
        aside = unfinished.with_suffix(".new")
        aside.write_text(f"{timezone.now():%Y-%m-%dT%H:00:00Z}")
        aside.rename(unfinished)
    return unfinished.read_text()


@contextmanager
def passing_token() -> Iterator[str]:
    """Yield a token for the launcher's own report, and delete it afterwards."""
    name = f"first report {secrets.token_hex(4)}"
    until = timezone.now() + timedelta(hours=1)
    with recorded_command("run"):
        issued = tokens.issue(name=name, scopes=[READ], created_by="./run", expires_at=until)
    connection.close()
    try:
        yield issued.secret
    finally:
        with recorded_command("run"):
            issued.token.delete()
        connection.close()


def _manage(command: str, *arguments: str, allowed: tuple[int, ...] = (0,)) -> None:
    """Run a manage.py command in its own process, which frees its memory at the end."""
    argv = [sys.executable, str(ROOT / "manage.py"), command, *arguments]
    ended = subprocess.run(argv, check=False)  # noqa: S603 - our own arguments and the caller's paths # nosec B603
    if ended.returncode not in allowed:
        raise CannotPrepare(f"`manage.py {command}` failed.")
