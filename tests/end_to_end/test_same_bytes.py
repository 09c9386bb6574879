"""The report made without a server is the report made by one, byte by byte."""

import gzip
import shutil

import pytest

from tests.end_to_end.stack import offline


@pytest.fixture
def files(sample, tmp_path):
    """The sample with what people do to files: one compressed, rows that are bad or corrected."""
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
    ingested = stack.manage("ingest", files)
    assert ingested.returncode == 3, ingested.stderr
    report_id = stack.trigger()
    assert stack.finished(report_id)["status"] == "Complete"
    bytes_of_both = stack.download(report_id)
    assert b"\nlate,0.00," in bytes_of_both
    assert bytes_of_both == offline(files, output=tmp_path / "offline.csv")


def test_it_stays_the_same_report_when_the_files_come_again(stack, files, tmp_path):
    stack.manage("ingest", files)
    before = stack.counts()
    stack.manage("ingest", files)
    assert stack.counts() == before
    report_id = stack.trigger()
    assert stack.finished(report_id)["status"] == "Complete"
    assert stack.download(report_id) == offline(files, output=tmp_path / "offline.csv")
