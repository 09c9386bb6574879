"""The report made without a server is the report made by one, byte by byte."""

import gzip
import shutil

import pytest

from tests.end_to_end.stack import offline


@pytest.fixture
def files(sample, tmp_path):
    """The sample with typical changes: a compressed file, bad and corrected rows."""
    folder = tmp_path / "files"
    shutil.copytree(sample, folder)
    hours = folder / "business_hours.csv"
    (folder / "hours.csv.gz").write_bytes(gzip.compress(hours.read_bytes()))
    hours.unlink()
    with (folder / "store_status.csv").open("a") as polls:
        polls.write("8.13E+18,active,2024-03-13 12:00:00 UTC\n")
        polls.write("late,active,2024-03-13T12:00:00Z\n")
        polls.write("late,inactive,2024-03-13 12:00:00.000 UTC\n")
    return folder


def test_it_is_the_same_report_through_files_and_through_database_queue_and_api(
    stack, files, tmp_path
):
    by_files = offline(files, output=tmp_path / "offline.csv")
    assert b"\nlate,0.00," in by_files
    assert stack.manage("ingest", files).returncode == 3
    assert report_of(stack) == by_files

    before = stack.counts()
    assert stack.manage("ingest", files).returncode == 3
    assert stack.counts() == before
    assert report_of(stack) == by_files


def report_of(stack):
    report_id = stack.trigger()
    assert stack.finished(report_id)["status"] == "Complete"
    return stack.download(report_id)
