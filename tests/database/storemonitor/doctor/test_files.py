"""Broken on purpose: files and folders. The doctor names each fault, and how to mend it."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from reports.models import Report
from tests.database.storemonitor.doctor.asking import do, is_clean, told
from tests.no_room import no_room

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

DAYS = 24 * 3600


@pytest.fixture
def report(healthy):
    return Report.objects.get()


def test_the_file_of_a_report_is_gone(report, client):
    Path(report.file.path).unlink()
    level, reason, remedy = told("report files")
    assert level == "FAIL"
    assert reason == f"1 complete report without its file: {report.file.name}"
    assert remedy.startswith("copy it back from the backup; or delete the report")
    address = f"/api/v1/reports/{report.pk}/"
    assert address in remedy
    assert client.delete(address, HTTP_HOST="localhost").status_code == 204
    assert is_clean("report files")


def test_the_file_of_a_report_is_cut_short(report, tmp_path):
    path = Path(report.file.path)
    copy = shutil.copy(path, tmp_path / "backup")
    path.write_bytes(path.read_bytes()[:5])
    level, reason, remedy = told("report files")
    assert level == "FAIL"
    assert reason == f"1 report file of a wrong size: {report.file.name}"
    assert remedy.startswith("copy it back from the backup")
    shutil.copy(copy, path)
    assert is_clean("report files")


def test_files_belong_to_no_report(healthy):
    path = healthy / "media/reports/left-over.csv"
    path.write_text("a")
    assert is_clean("orphans")
    os.utime(path, (time.time() - 3 * DAYS,) * 2)
    level, reason, remedy = told("orphans")
    assert (level, remedy) == ("WARN", "./run manage prune --orphans --apply")
    assert reason.startswith("1 file belongs to no row: reports/left-over.csv")
    do(remedy.replace(" --apply", ""))
    assert path.exists()
    do(remedy)
    assert is_clean("orphans")
    assert not path.exists()


def test_media_storage_is_no_folder(healthy):
    folder = healthy / "media"
    shutil.rmtree(folder)
    folder.write_text("")
    level, reason, remedy = told("media")
    assert level == "FAIL"
    assert f"{folder}, cannot be written: " in reason
    assert remedy.startswith(f"mkdir -p {folder}/reports && chown -R ")
    folder.unlink()
    do(remedy)
    assert is_clean("media")
    assert list(folder.rglob("doctor*")) == []


def test_the_disk_of_media_storage_is_full(healthy):
    with no_room():
        level, reason, _ = told("media")
    assert level == "FAIL"
    assert "File too large" in reason
    assert is_clean("media")


@pytest.mark.parametrize("name", [".", "secret_key", "media"])
def test_others_may_read_the_data(healthy, name):
    path = healthy / name
    path.chmod(0o755)
    level, reason, remedy = told("folders")
    assert (level, remedy) == ("WARN", f"chmod go= {path}")
    assert reason == f"other users of this machine may use {path}"
    do(remedy)
    assert is_clean("folders")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_another_user_has_written_there(healthy):
    path = healthy / "log"
    path.touch()
    os.chown(path, 12345, -1)
    level, reason, remedy = told("folders")
    assert level == "WARN"
    assert reason == f"in {healthy} other users own {path}"
    assert remedy == f"chown -R 0 {healthy}"
    do(remedy)
    assert is_clean("folders")


def test_the_temporary_folder_is_gone(healthy, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(healthy / "gone"))
    level, reason, remedy = told("temporary")
    assert (level, remedy) == ("FAIL", "set TMPDIR to a folder that exists")
    assert "No such file or directory" in reason


def test_the_temporary_folder_has_little_room(healthy, monkeypatch):
    usage = shutil.disk_usage(healthy)._replace(free=1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    level, reason, remedy = told("temporary")
    assert level == "WARN"
    assert "has 1.0\xa0MB free: large files are refused" in reason
    assert "set TMPDIR" in remedy


def test_the_disk_is_nearly_full(healthy, monkeypatch):
    usage = shutil.disk_usage(healthy)
    nearly = usage._replace(free=usage.total // 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: nearly)
    level, reason, remedy = told("media")
    assert level == "WARN"
    assert reason.startswith("its disk is 96 % full")
    assert remedy.startswith("./run manage prune --keep 90d --apply")


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00\xff"])
def test_a_message_cannot_be_read(healthy, text):
    path = healthy / "queue/messages/1_x.celery.msg"
    path.write_bytes(text.encode())
    level, reason, remedy = told("broker")
    assert level == "WARN"
    assert reason == "1 message cannot be read: 1_x.celery.msg"
    assert remedy == f"rm {path}; the sweep queues its job again"
    do(remedy)
    assert is_clean("broker")


def test_a_message_was_written_half(healthy):
    path = healthy / "queue/messages/1_x.celery.msg.unfinished"
    path.touch()
    assert is_clean("broker")
    os.utime(path, (time.time() - 3600,) * 2)
    level, reason, remedy = told("broker")
    assert level == "WARN"
    assert reason == "1 message half written: 1_x.celery.msg.unfinished"
    do(remedy)
    assert is_clean("broker")


def test_the_queue_is_no_folder(healthy):
    path = healthy / "queue/messages"
    path.rmdir()
    path.touch()
    level, reason, remedy = told("broker")
    assert (level, reason) == ("FAIL", f"{path} is not a folder: no message can be sent")
    do(remedy)
    assert is_clean("broker")


def test_messages_pile_up(healthy):
    for number in range(1001):
        (healthy / f"queue/messages/{number}_x.celery.msg").touch()
    level, reason, remedy = told("queue")
    assert level == "WARN"
    assert reason.startswith("1,001 messages are waiting")
    assert remedy.startswith("start more workers")
