"""Whose turn it is: senders are served in turn, however many reports one asks for.

A report's turn is one after its sender's last, and never before the one that is being served. So
the reports of one sender are built in the order of their requests, and a new sender waits for one
report of each of the others. Every schedule is a sender.

A worker that gets a message takes the job whose turn it is. There are as many messages as jobs, so
none is left over; the sweep replaces lost messages.
"""

from datetime import datetime

from django.db.models import Max, Q

from reports.models import Report, Shard, Status

# More than the number of workers that may look at the same time and want the same jobs.
_LOOKED_AT = 50


def next_turn(requested_by: str) -> int:
    """Return the turn of a new report."""
    served = Report.objects.filter(started_at__isnull=False).aggregate(turn=Max("turn"))["turn"]
    # Reports that were cancelled or failed before they started have cost no worker any time.
    spared = Q(started_at__isnull=True, finished_at__isnull=False)
    asked = Report.objects.filter(~spared, requested_by=requested_by)
    own = asked.aggregate(turn=Max("turn"))["turn"]
    return max(served or 0, 0 if own is None else own + 1)


def waiting() -> list[Report | Shard]:
    """Return the first jobs that have not been started, in the order of their turns."""
    reports = Report.objects.filter(status=Status.QUEUED).defer("stores")
    shards = Shard.objects.filter(status=Status.QUEUED, report__status=Status.RUNNING)
    shards = shards.select_related("report").defer("report__stores")
    found: list[Report | Shard] = [
        *reports.order_by("turn", "created_at")[:_LOOKED_AT],
        *shards.order_by("report__turn", "report__created_at", "number")[:_LOOKED_AT],
    ]
    return sorted(found, key=_place)


def _place(job: Report | Shard) -> tuple[int, datetime]:
    report = job.report if isinstance(job, Shard) else job
    return report.turn, report.created_at
