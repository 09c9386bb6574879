"""Media storage, the data folder and the temporary folder."""

import os
import shlex
import shutil
import stat
import tempfile
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.template.defaultfilters import filesizeformat

from api.errors.storage_faults import storage_faults
from dashboard.snapshots import retention as snapshot_retention
from jobs import clock
from reports import retention as report_retention
from reports.models import Report
from storemonitor.operations.attention import LEAST_PERCENT_FREE
from storemonitor.operations.doctor.examination import one_line
from storemonitor.operations.doctor.findings import Finding, counted, fail, fine, named, warn
from storemonitor.operations.home import disk_space

_PRUNE = "./run manage prune --keep 90d --apply, or enlarge the disk"
_ORPHANS = "./run manage prune --orphans --apply"
# Beat has them removed once a day, when they are a day old.
_ORPHAN_AGE = timedelta(days=2)
# Sizes that are asked for one by one in a bucket.
_ASKED_OF_BUCKET = 50
_LEAST_TEMPORARY = 1024**3
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def media() -> Iterator[Finding]:
    """Write, read and remove a small file, and judge the free space."""
    name, content = f"reports/doctor-{uuid.uuid4().hex}", b"written by manage.py doctor"
    try:
        written = default_storage.save(name, ContentFile(content))
        try:
            with default_storage.open(written) as file:
                same = file.read() == content
        finally:
            default_storage.delete(written)
    except storage_faults() as error:
        yield fail(f"{_place()} cannot be written: {one_line(error)}", _writable())
        return
    if not same:
        yield fail(f"{_place()} returns other bytes than were written", "check its disk")
    yield from _free_space()
    yield fine(f"{_place()} can be written")


def _place() -> str:
    if isinstance(default_storage, FileSystemStorage):
        return f"media storage, {default_storage.location},"
    return "media storage, a bucket,"


def _writable() -> str:
    if not isinstance(default_storage, FileSystemStorage):
        return "check MEDIA_S3_*, and the rights of the key (docs/operations.md, Files in a bucket)"
    folder = shlex.quote(str(default_storage.location))
    return f"mkdir -p {folder}/reports && chown -R {os.geteuid()} {folder}; df {folder}"


def _free_space() -> Iterator[Finding]:
    disk = disk_space()
    if disk and disk.percent_free < LEAST_PERCENT_FREE:
        text = f"its disk is {100 - disk.percent_free} % full, {filesizeformat(disk.free)} are free"
        yield warn(text, _PRUNE)


def files() -> Iterator[Finding]:
    """Compare the files of reports with their rows."""
    rows = Report.objects.filter(status=Report.Status.COMPLETE).order_by("-finished_at")
    sizes = dict(rows.values_list("file", "size"))
    present = _present("reports")
    missing = [name for name in sizes if name not in present]
    if missing:
        text = f"{counted(len(missing), 'complete report')} without its file: {named(missing)}"
        yield fail(text, _bring_back(missing))
    known = [name for name in sizes if name in present]
    if not isinstance(default_storage, FileSystemStorage):
        known = known[:_ASKED_OF_BUCKET]
    damaged = [name for name in known if default_storage.size(name) != sizes[name]]
    if damaged:
        text = f"{counted(len(damaged), 'report file')} of a wrong size: {named(damaged)}"
        yield fail(text, _bring_back(damaged))
    yield fine(f"{counted(len(sizes), 'report file')} present")


def _bring_back(names: list[str]) -> str:
    """Return the two ways back to a file, with the first report as the example."""
    report = Report.objects.filter(file=names[0]).values_list("pk", flat=True).first()
    return (
        "copy it back from the backup; or delete the report and request it again:"
        f" curl -X DELETE $URL/api/v1/reports/{report}/ -H 'Authorization: Bearer TOKEN'"
    )


def _present(folder: str) -> set[str]:
    try:
        return {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    except FileNotFoundError:
        return set()


def orphans() -> Iterator[Finding]:
    """Find old files that no row refers to."""
    before = clock.now() - _ORPHAN_AGE
    found = [*report_retention.orphans(before), *snapshot_retention.orphans(before)]
    if found:
        count = counted(len(found), "file belongs", "files belong")
        yield warn(f"{count} to no row: {named(found)}; is beat running?", _ORPHANS)


def folders() -> Iterator[Finding]:
    """Judge who owns and may read the data folder, the key and media storage."""
    folder, us = Path(settings.VAR_DIR), os.geteuid()
    if folder.stat().st_uid != us:
        text = f"{folder} belongs to user {folder.stat().st_uid}, and this is user {us}"
        yield warn(text, "run every process and command of ours as one user")
    foreign = [str(one) for one in folder.iterdir() if one.stat().st_uid != folder.stat().st_uid]
    if foreign:
        do = f"chown -R {folder.stat().st_uid} {shlex.quote(str(folder))}"
        yield warn(f"in {folder} other users own {named(foreign)}", do)
    open_ones = [folder, folder / "secret_key", Path(settings.MEDIA_ROOT)]
    for one in open_ones:
        if one.exists() and one.stat().st_mode & _OTHERS:
            text = f"other users of this machine may use {one}"
            yield warn(text, f"chmod go= {shlex.quote(str(one))}")


def temporary() -> Iterator[Finding]:
    """Judge the folder for rows that wait to be stored and for downloads that are made."""
    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"written by manage.py doctor")
    except OSError as error:
        yield fail(
            f"no temporary file can be written: {one_line(error)}",
            "set TMPDIR to a folder that exists",
        )
        return
    free = shutil.disk_usage(folder).free
    if free < _LEAST_TEMPORARY:
        text = f"{folder} has {filesizeformat(free)} free: large files are refused"
        yield warn(text, "free some of it, or set TMPDIR to a folder on a larger disk")
    yield fine(f"{filesizeformat(free)} free in {folder}")
