"""A large report is cut into shards; its bytes depend neither on how many nor on their order."""

from datetime import UTC, datetime

from django.core.files.storage import default_storage

from reports.build import services
from reports.models import Status
from reports.request.requesting import request_report

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)


STORES = 23


def request():
    return request_report(as_of=NOON, requested_by="a test").report


def fresh(job):
    return type(job).objects.get(pk=job.pk)


def content(report):
    with default_storage.open(fresh(report).file.name) as file:
        return file.read()


def cut(report):
    """Cut the report, and return its shards."""
    services.build_report(report.pk)
    return list(fresh(report).shards.all())


def whole(settings):
    """The bytes of the report as one task makes it."""
    settings.REPORT_SHARD_POLLS = 10**9
    report = request()
    assert services.build_report(report.pk).status == Status.COMPLETE
    return content(report)


def files():
    return sorted(default_storage.listdir("reports")[1])
