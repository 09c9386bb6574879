"""Whose turn it is: senders take turns, however many reports one of them requests.

A report's turn is one after its sender's last turn, and never before the turn being served. So the
reports of one sender are built in the order of their requests, and a new request waits for at most
one report of each other sender. Every schedule is a sender of its own.

A worker that receives a message takes the job whose turn it is. There are as many messages as jobs,
so none is left over; the sweep replaces a lost message.
"""

from datetime import datetime

from django.db.models import Max, Q

from reports.models import Report, Shard, Status

# More than there are workers that may look at the same time and want the same ones.
_LOOKED_AT = 50


def next_turn(requested_by: str) -> int:
    """Return the turn of a new report."""
    served = Report.objects.filter(started_at__isnull=False).aggregate(turn=Max("turn"))["turn"]
    # What was cancelled, or failed, before anybody began it has cost no worker any time.
    spared = Q(started_at__isnull=True, finished_at__isnull=False)
    asked = Report.objects.filter(~spared, requested_by=requested_by)
    own = asked.aggregate(turn=Max("turn"))["turn"]
    return max(served or 0, 0 if own is None else own + 1)


def waiting() -> list[Report | Shard]:
    """Return the first jobs that nobody has begun, in the order of their turns."""
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
