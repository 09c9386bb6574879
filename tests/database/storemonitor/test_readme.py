"""README.md's instructions for your own data give its numbers, whatever the data's age."""

import json
import re
import shutil
import subprocess

import pytest
from django.core.management import call_command

from reports import tasks
from reports.build.services import build_report
from tests.database.files import STATUS, csv, write
from tests.paths import ROOT

README = (ROOT / "README.md").read_text()
SECTION = README.partition("## Your own data")[2].partition("or, without a database")[0]
COMMANDS = [line.strip() for line in re.findall(r"^    (\S.*)$", SECTION, re.MULTILINE)]
ADDRESS = "http://127.0.0.1:8000"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("until", ["2023-06-01T00:00:00Z", "2024-03-13T18:00:00Z"])
def test_its_lines_end_in_the_numbers_of_ones_own_data(live_server, tmp_path, monkeypatch, until):
    """The files are newer than the first sample and older than the second."""
    monkeypatch.setattr(tasks, "enqueue", lambda report: build_report(report.pk))
    sample = tmp_path / "sample"
    made = ("--stores=5", "--days=1", f"--until={until}")
    call_command("sample_data", str(sample), *made, verbosity=0)
    call_command("ingest", str(sample), "--sample", verbosity=0)
    write(tmp_path / "DIR", polls=csv(STATUS, "mine,active,2023-12-25 18:00:00 UTC"))

    starting, ingesting, trigger, get, download = COMMANDS
    assert starting.startswith("./run DIR ")
    command = ingesting.partition("#")[0].split()
    assert command[:2] == ["./run", "manage"]
    call_command(*command[2:-1], str(tmp_path / command[-1]), verbosity=0)
    report_id = json.loads(shell(trigger, live_server.url, tmp_path))["report_id"]
    told = json.loads(shell(get.replace("...", report_id), live_server.url, tmp_path))
    assert told["status"] == "Complete"
    shell(download.replace("...", report_id), live_server.url, tmp_path)
    [report] = tmp_path.glob("store-report-*.csv")
    assert report.read_text().splitlines()[1:] == ["mine,60.00,24.00,168.00,0.00,0.00,0.00"]


def shell(command, url, folder):
    ended = subprocess.run(
        ["sh", "-c", command.replace(ADDRESS, url)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return ended.stdout
