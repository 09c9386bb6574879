"""The tables: migrations, missing constraints and indexes, and the partitions of polls."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django_celery_results.models import TaskResult

from feeds.zones import known_time_zones
from fleet.extent import pruned_before
from fleet.models import TimeZone
from fleet.polls import loose
from fleet.polls.partitions import attached_weeks
from fleet.polls.store_indexes import unindexed_before
from jobs import clock
from storemonitor.operations.doctor.findings import Finding, counted, fail, fine, named, warn
from storemonitor.operations.table_parts import invalid_indexes, missing

MEND = "./run manage mend_tables"
# A sweep makes indexes by store as soon as nothing is being ingested.
_LATE = timedelta(days=2)
_RESTORE = "restore the last backup (docs/operations.md); ./run manage sqlmigrate shows its SQL"


def migrations() -> Iterator[Finding]:
    """Compare the applied migrations with those of this version."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    applied = set(executor.loader.applied_migrations)
    known = set(executor.loader.disk_migrations)
    apps_of_ours = {label for label, _ in known}
    unknown = sorted(f"{a} {name}" for a, name in applied - known if a in apps_of_ours)
    if unknown:
        text = f"{counted(len(unknown), 'migration')} of a newer version: {named(unknown)}"
        do = "install that version again, or roll back with it (docs/operations.md, Rolling back)"
        yield fail(text, do)
    if plan:
        names = [f"{one.app_label} {one.name}" for one, _ in plan]
        count = counted(len(plan), "migration is", "migrations are")
        yield fail(f"{count} not applied: {named(names)}", "./run manage migrate")
    if not plan and not unknown:
        yield fine(f"all {len(applied)} migrations are applied")


def zones() -> Iterator[Finding]:
    """Compare the table of time zones with tzdata."""
    known = set(TimeZone.objects.values_list("name", flat=True))
    missing = sorted(set(known_time_zones()) - known)
    if missing:
        text = f"{counted(len(missing), 'time zone')} of tzdata cannot be used: {named(missing)}"
        yield warn(text, "./run manage migrate")


def constraints() -> Iterator[Finding]:
    """Find columns, constraints and indexes that the models declare and the tables lack."""
    found = list(missing())
    mendable = [one.text for one in found if one.mend]
    lost = [one.text for one in found if not one.mend]
    if mendable:
        yield fail(f"missing: {named(mendable, shown=10)}", MEND)
    if lost:
        yield fail(f"missing: {named(lost, shown=10)}", _RESTORE)
    invalid = invalid_indexes()
    if invalid:
        names = [name for name, _ in invalid]
        yield warn(f"invalid, so queries cannot use them: {named(names, shown=10)}", MEND)


def partitions() -> Iterator[Finding]:
    """Find polls that no query sees, and those that are gone."""
    if connection.vendor != "postgresql":
        yield fine("SQLite has none")
        return
    yield from _cut_off()
    lost = loose.lost_leaves()
    if lost:
        names = [leaf.table for leaf in lost]
        text = f"stores have polls there, but the table is gone: {named(names)}"
        yield fail(text, "ingest the polls of that week again, or restore the last backup")
    yield from _unindexed(clock.now() - _LATE)
    yield fine(f"{counted(len(attached_weeks()), 'week')} of polls")


def _unindexed(since: datetime) -> Iterator[Finding]:
    """Find past weeks without index, if beat has had time for them and not used it."""
    applied = MigrationRecorder.Migration.objects.aggregate(first=Min("applied"))
    ran = TaskResult.objects.filter(
        task_name="ingestion.index_weeks", status="SUCCESS", date_done__gt=since
    )
    late = unindexed_before(since)
    if late and applied["first"] < since and not ran.exists():
        count = counted(late, "part")
        text = f"{count} of past weeks without index by store: is beat running?"
        yield warn(text, MEND)


def _cut_off() -> Iterator[Finding]:
    before = pruned_before()
    weeks = loose.loose_weeks()
    dying = [week.table for week in weeks if before and week.end <= before]
    hidden = [week.table for week in weeks if week.table not in dying]
    hidden += [leaf.table for leaf in loose.loose_leaves()]
    if dying:
        yield warn(f"left over by a prune that was cut short: {named(dying)}", MEND)
    if hidden:
        text = f"detached, so reports do not see their polls: {named(hidden)}"
        yield fail(text, MEND)
