"""docs/api.md is true: its examples run as they stand, and its tables are complete."""

import re
import shutil
import subprocess

import pytest
from django.core.management import call_command

from api.errors.details import kinds
from ingestion import tasks as ingestion_tasks
from ingestion.http.serializers import IngestionSerializer, IngestionStateSerializer
from reports import tasks
from reports.build.services import build_report
from reports.http.stamp import StampedSerializer
from schedules.http.serializers import RunSerializer, ScheduleSerializer
from tests.paths import ROOT
from webhooks.http.serializers import DeliverySerializer, WebhookSerializer

pytestmark = pytest.mark.one_database

DOCUMENT = (ROOT / "docs" / "api.md").read_text()
EXAMPLE = re.compile(r"```sh\n(.*?)```\n(?:\n```(?:json|csv|text)\n(.*?)```)?", re.DOTALL)
EXAMPLES = EXAMPLE.findall(DOCUMENT)
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def served(live_server, tmp_path, monkeypatch):
    """Serve twenty sample stores; a report is built as soon as it is queued."""
    monkeypatch.setattr(ingestion_tasks, "enqueue", lambda _: None)
    monkeypatch.setattr(tasks, "enqueue", lambda report: build_report(report.pk))
    monkeypatch.setattr("webhooks.tasks.enqueue", lambda _: None)
    sample = tmp_path / "var" / "sample"
    call_command("sample_data", str(sample), "--stores=20", "--days=3", "--seed=1", verbosity=0)
    call_command("ingest", str(sample), "--sample", verbosity=0)
    return live_server.url


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.django_db(transaction=True)
def test_its_examples_run_as_they_stand(served, tmp_path):
    assert len(EXAMPLES) >= 11
    for number, (command, expected) in enumerate(EXAMPLES):
        script = command.replace(ADDRESS, served)
        answer = subprocess.run(
            ["sh", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert re.fullmatch(_pattern(expected.replace(ADDRESS, served)), answer.stdout.strip()), (
            number,
            command,
            answer.stdout,
        )
    [report] = tmp_path.glob("store-report-*.csv")
    assert report.read_text().startswith("store_id,uptime_last_hour(in minutes),")


def _pattern(expected: str) -> str:
    """Return a pattern in which ``...`` is anything; JSON may be wrapped."""
    if expected.startswith("{"):
        expected = expected.replace("\n", "")
    return re.escape(expected.strip()).replace(r"\.\.\.", "(?s:.*?)")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the tables of a section."""
    section = re.search(rf"^#+ {heading}$(.*?)(?=^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)[1]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_it_lists_every_code():
    found = {row[1].strip("`"): int(row[0]) for row in rows("Errors") if row[0].isdigit()}
    assert found == {kind.code: kind.status for kind in kinds()}


def test_it_lists_every_field():
    fields = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("Reports as a resource"))))
    assert fields == set(StampedSerializer.Meta.fields)
    fields = set(re.findall(r"`(\w+)`", " ".join(" ".join(row) for row in rows("With a file"))))
    assert set(IngestionSerializer.Meta.fields) - {"id"} <= fields
    fields = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("Send polls"))))
    assert fields == set(IngestionStateSerializer.Meta.fields)
    fields = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("Webhooks"))))
    assert fields == {*WebhookSerializer.Meta.fields, *DeliverySerializer.Meta.fields}
    fields = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("Schedules"))))
    assert fields == {*ScheduleSerializer.Meta.fields, *RunSerializer.Meta.fields}
