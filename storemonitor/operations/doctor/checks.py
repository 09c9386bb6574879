"""All checks, in the order in which to mend: what others depend on is first."""

from functools import partial

from django.conf import settings

from storemonitor.operations.doctor import (
    broker,
    data,
    database,
    installation,
    jobs,
    safety,
    storage,
    tables,
    without_settings,
    workers,
)
from storemonitor.operations.doctor.examination import DATABASE
from storemonitor.operations.doctor.findings import Check

_S3 = Check(name="bucket packages", find=partial(installation.packages, "requirements-s3.txt"))
_ON_DATABASE = (DATABASE,)
_ON_TABLES = (DATABASE, "migrations")

_WITH_SETTINGS = (
    Check(name="secret key", find=safety.secret_key),
    Check(name="exposure", find=safety.exposure),
    Check(name="addresses", find=safety.addresses),
    Check(name="framework", find=safety.framework),
    Check(name="folders", find=storage.folders),
    Check(name="temporary", find=storage.temporary),
    Check(name=DATABASE, find=database.reachable),
    Check(name="clock", find=database.clock, needs=_ON_DATABASE),
    Check(name="rights", find=database.writable, needs=_ON_DATABASE),
    Check(name="migrations", find=tables.migrations, needs=_ON_DATABASE),
    Check(name="tables", find=tables.constraints, needs=_ON_TABLES),
    Check(name="zones", find=tables.zones, needs=_ON_TABLES),
    Check(name="partitions", find=tables.partitions, needs=_ON_TABLES),
    Check(name="broker", find=broker.reachable),
    Check(name="queue", find=broker.queue, needs=("broker",)),
    Check(name="media", find=storage.media),
    Check(name="report files", find=storage.files, needs=_ON_TABLES),
    Check(name="orphans", find=storage.orphans, needs=(*_ON_TABLES, "media")),
    Check(name="workers", find=workers.alive, needs=_ON_TABLES),
    Check(name="worker code", find=workers.code, needs=_ON_TABLES),
    Check(name="worker clocks", find=workers.clocks, needs=_ON_TABLES),
    Check(name="beat", find=workers.beat, needs=_ON_TABLES),
    Check(name="jobs", find=jobs.stuck, needs=_ON_TABLES),
    Check(name="failures", find=jobs.failures, needs=_ON_TABLES),
    Check(name="snapshot", find=jobs.snapshot, needs=_ON_TABLES),
    Check(name="schedules", find=jobs.schedules, needs=_ON_TABLES),
    Check(name="webhooks", find=jobs.webhooks, needs=_ON_TABLES),
    Check(name="messages", find=safety.messages, needs=_ON_TABLES),
    Check(name="polls", find=data.polls, needs=_ON_TABLES),
    Check(name="time zones", find=data.time_zones, needs=_ON_TABLES),
    Check(name="sample", find=data.sample, needs=_ON_TABLES),
)


def all_checks() -> list[Check]:
    """Return the checks that apply to this installation."""
    bucket = [_S3] if "s3" in settings.STORAGES["default"]["BACKEND"] else []
    return [*without_settings.CHECKS, *bucket, *_WITH_SETTINGS]
