"""The whole examination: a healthy installation, several faults at once, and a check that hangs."""

import json
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from access.models import AuditEntry
from storemonitor.models import Worker
from storemonitor.operations.doctor import examination
from storemonitor.operations.doctor.examination import examine
from storemonitor.operations.doctor.findings import Check, Level, fail, fine
from tests.database.storemonitor.doctor.asking import asked

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_finds_nothing_wrong_with_a_healthy_installation(healthy):
    code, checks = asked(strict=True)
    assert [one for one in checks.values() if one["level"] != "OK"] == []
    assert code == 0
    assert len(checks) > 30
    assert not AuditEntry.objects.exists()


def test_it_finds_every_fault_of_several(healthy):
    Worker.objects.update(
        beat_at=timezone.now() + timedelta(hours=-2), started_at="2024-01-01T00:00Z"
    )
    (healthy / "queue/messages/1_x.celery.msg").write_text("")
    healthy.chmod(0o755)
    code, checks = asked()
    found = {name: one["level"] for name, one in checks.items() if one["level"] != "OK"}
    assert found == {"workers": "FAIL", "broker": "WARN", "folders": "WARN"}
    assert code == 2


@pytest.mark.parametrize(("strict", "expected"), [(False, 0), (True, 1)])
def test_its_exit_code_tells_warnings_only_if_asked(healthy, strict, expected):
    healthy.chmod(0o755)
    assert asked("folders", strict=strict)[0] == expected


def test_it_prints_a_line_for_each_fact_and_one_for_what_to_do(healthy):
    healthy.chmod(0o755)
    output = StringIO()
    call_command("doctor", only=["folders", "polls"], stdout=output)
    lines = output.getvalue().splitlines()
    assert lines[0] == f"WARN folders         other users of this machine may use {healthy}"
    assert lines[1].strip() == f"do: chmod go= {healthy}"
    assert lines[2].startswith("OK   polls           the newest is of ")
    assert lines[-1] == "2 checks: 1 fine, 1 with warnings."


def test_it_names_its_checks_where_one_is_unknown(healthy):
    with pytest.raises(CommandError, match="no check is called 'x'; there are: python, packages,"):
        call_command("doctor", only=["x"])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_it_goes_on_after_a_check_that_hangs_or_breaks(monkeypatch):
    monkeypatch.setattr(examination, "LIMIT_SECONDS", 0.2)
    checks = [
        Check(name="hangs", find=lambda: iter([time.sleep(0.5)])),
        Check(name="breaks", find=lambda: iter([1 / 0])),
        Check(name="full", find=full),
        Check(name="sound", find=lambda: iter([fine("yes")])),
        Check(name="bad", find=lambda: iter([fail("no", "something")])),
        Check(name="needs bad", find=lambda: iter([]), needs=("bad",)),
    ]
    results = {one.name: one for one in examine(checks)}
    assert [one.level for one in results.values()] == [
        Level.FAIL, Level.FAIL, Level.FAIL, Level.OK, Level.FAIL, Level.SKIPPED,
    ]  # fmt: skip
    assert "no answer within" in results["hangs"].findings[0].reason
    assert "No space left" in results["full"].findings[0].reason
    assert "its traceback is above" in results["breaks"].findings[0].reason
    assert [one.name for one in examine(checks, only=["needs bad"])] == ["bad", "needs bad"]
    assert [one.name for one in examine(checks, only=["sound"])] == ["sound"]


def full():
    raise OSError(28, "No space left on device")
    yield


def test_it_prints_json_for_programs(healthy):
    output = StringIO()
    call_command("doctor", "--json", "--only", "polls", stdout=output)
    told = json.loads(output.getvalue())
    assert told["level"] == "OK"
    assert [one["check"] for one in told["checks"]] == ["polls"]
    assert set(told["checks"][0]["findings"][0]) == {"level", "reason", "do"}
