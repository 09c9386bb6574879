"""The admin's home page: system status, and what needs attention.

A handful of queries reads everything; their cost does not grow with the tables.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from dashboard.models import FleetSnapshot
from fleet.extent import newest_poll
from fleet.models import Store
from ingestion.models import Ingestion
from ingestion.sample_stores import has_sample
from jobs import clock
from reports.models import Report
from storemonitor.models import Worker
from storemonitor.operations.attention import Attention, attention
from storemonitor.operations.heartbeats import FORGOTTEN_AFTER, is_clock_off, is_silent
from storemonitor.operations.queue_depth import queue_depth
from storemonitor.operations.sweeps import last_sweep
from storemonitor.operations.table_sizes import table_sizes
from stores.silence import silence

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

SHOWN = 8
RECENT = timedelta(days=7)
UNFINISHED_OR_FAILED = (Report.Status.QUEUED, Report.Status.RUNNING, Report.Status.FAILED)


@dataclass(frozen=True, kw_only=True)
class DiskSpace:
    """The size and free bytes of the disk with the media files."""

    free: int
    total: int

    @property
    def percent_free(self) -> int:
        """Return the free share in whole percent, rounded down."""
        return 100 * self.free // max(self.total, 1)


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """A worker, and whether it is silent."""

    worker: Worker
    silent: bool


def home(user: "AbstractBaseUser | AnonymousUser") -> dict[str, Any]:
    """Return the content of the home page; parts that the user may not view are left out."""
    now = clock.now()
    shown: dict[str, Any] = {"now": now, "disk": disk_space(), "queue": queue_depth()}
    shown |= {"workers": _workers(now), "last_sweep": last_sweep(), "tables": table_sizes()}
    if _may_view(user, Store):
        newest = newest_poll()
        shown["newest_poll"] = newest
        shown["silence"] = silence(newest) if newest else None
        shown["is_sample"] = has_sample()
        shown["may_upload"] = _may(user, "add", Ingestion)
        shown["is_empty"] = newest is None and not Store.objects.exists()
    if _may_view(user, Ingestion):
        shown["ingestions"] = list(Ingestion.objects.order_by("-pk")[:SHOWN])
    if _may_view(user, Report):
        shown["reports"] = _reports(now)
    if _may_view(user, FleetSnapshot):
        shown["snapshot"] = FleetSnapshot.objects.filter(finished_at__isnull=False).first()
    found = _attention(shown)
    return {**shown, "attention": found, "calm": all(one.level == "info" for one in found)}


def disk_space() -> DiskSpace | None:
    """Return the space where media files are stored; None for a bucket, which is unlimited."""
    if not isinstance(default_storage, FileSystemStorage):
        return None
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return DiskSpace(free=usage.free, total=usage.total)


def _may_view(user: Any, model: type[Any]) -> bool:
    return _may(user, "view", model)


def _may(user: Any, what: str, model: type[Any]) -> bool:
    return bool(user.has_perm(f"{model._meta.app_label}.{what}_{model._meta.model_name}"))


def _workers(now: datetime) -> list[WorkerState]:
    known = Worker.objects.filter(beat_at__gte=now - FORGOTTEN_AFTER)
    return [WorkerState(worker=one, silent=is_silent(one, now)) for one in known]


def _reports(now: datetime) -> Sequence[Report]:
    """Return unfinished and recently failed reports, newest first."""
    recent = Report.objects.filter(created_at__gte=now - RECENT, status__in=UNFINISHED_OR_FAILED)
    return list(recent.order_by("-created_at")[:SHOWN])


def _attention(shown: dict[str, Any]) -> list[Attention]:
    alive = [state.worker for state in shown["workers"] if not state.silent]
    return list(
        attention(
            now=shown["now"],
            workers_alive=len(alive),
            alive_since=min((worker.started_at for worker in alive), default=None),
            workers_silent=len(shown["workers"]) - len(alive),
            clocks_off=[worker for worker in alive if is_clock_off(worker)],
            last_sweep=shown["last_sweep"],
            queue=shown["queue"],
            percent_free=shown["disk"].percent_free if shown["disk"] else None,
            newest_poll=shown.get("newest_poll"),
            is_sample=shown.get("is_sample", False),
            may_upload=shown.get("may_upload", False),
            ingestions=shown.get("ingestions", ()),
            reports=shown.get("reports", ()),
            snapshot=shown.get("snapshot"),
        )
    )
