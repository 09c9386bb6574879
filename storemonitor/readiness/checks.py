"""What was found of one part of the installation, and the parts that the database tells about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from jobs import clock
from storemonitor.models import Worker
from storemonitor.operations.heartbeats import SILENT_AFTER, is_silent
from storemonitor.operations.sweeps import LATE, is_late, last_sweep

State = Literal["ok", "failed", "unknown"]
IN_DATABASE = ("database", "migrations", "workers", "beat")
PARTS = (*IN_DATABASE, "broker", "storage")
_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Check:
    """The state of one part; unless it is ok, why, and what to do."""

    part: str
    state: State
    reason: str = ""
    action: str = ""


def ok(part: str) -> Check:
    return Check(part=part, state="ok")


def failed(part: str, reason: str, action: str) -> Check:
    return Check(part=part, state="failed", reason=reason, action=action)


def unknown(part: str, reason: str, action: str) -> Check:
    return Check(part=part, state="unknown", reason=reason, action=action)


def database_fails(reason: str) -> list[Check]:
    """Return the checks of the database and of what only it could tell."""
    action = "Look at the database server and its log. Check DATABASE_URL."
    unread = "The database, which has this, does not answer."
    others = [unknown(part, unread, "Mend the database first.") for part in IN_DATABASE[1:]]
    return [failed("database", reason, action), *others]


def database_checks() -> list[Check]:
    """Check the database and what it tells. Raises the errors of ``django.db``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    migrations = _migrations()
    if migrations.state != "ok":
        unread = "Tables may be missing until the migrations are applied."
        others = [unknown(part, unread, "Migrate first.") for part in ("workers", "beat")]
        return [ok("database"), migrations, *others]
    return [ok("database"), migrations, *_work()]


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return ok("migrations")
    names = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    reason = f"Not applied: {', '.join(names[:_NAMED])}{more}."
    return failed("migrations", reason, "Run: ./run manage migrate")


def _work() -> Iterator[Check]:
    now = clock.now()
    alive = [worker for worker in Worker.objects.all() if not is_silent(worker, now)]
    if not alive:
        seconds = int(SILENT_AFTER.total_seconds())
        reason = f"No worker has written its heartbeat for {seconds} s: reports and files wait."
        yield failed("workers", reason, "Start a worker; read the log of the previous one.")
        reason = "Without a worker nothing shows whether beat is running."
        yield unknown("beat", reason, "Start a worker first.")
        return
    yield ok("workers")
    alive_since = min(worker.started_at for worker in alive)
    if is_late(now, alive_since=alive_since, last=last_sweep()):
        minutes = int(LATE.total_seconds() // 60)
        reason = f"No sweep has finished for {minutes} min although a worker is alive."
        yield failed("beat", reason, "Start beat, exactly one, and read its log.")
    else:
        yield ok("beat")
