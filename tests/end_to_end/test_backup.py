"""The backup of docs/operations.md, restored into an empty installation: the same reports."""

import os
import re
import subprocess
from contextlib import ExitStack

import pytest

from tests import servers
from tests.end_to_end.stack import Stack
from tests.end_to_end.test_doctor import examined
from tests.paths import ROOT

# What a backup must bring back.
RESTORED = ("tables", "zones", "partitions", "migrations", "report files", "orphans", "folders")


def documented(title):
    """Return the commands of one block of the document."""
    text = (ROOT / "docs/operations.md").read_text()
    [block] = re.findall(rf"```sh\n# {title}\n(.*?)```", text, flags=re.DOTALL)
    return block


def run(title, stack, backup):
    environment = {
        **stack.environment,
        "MEDIA_ROOT": str(stack.folder / "media"),
        "BACKUP": str(backup),
        "PATH": os.environ["PATH"],
    }
    command = ["sh", "-euc", documented(title)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def report(stack, as_of):
    """Return the id and the bytes of a new report."""
    body = f'{{"as_of": "{as_of}"}}'
    answer = stack.call("POST", "/api/v1/reports/", body, Content_Type="application/json")
    assert answer.status == 202, answer.body
    report_id = answer.json["id"]
    assert stack.finished(report_id)["status"] == "Complete"
    return report_id, stack.download(report_id)


@pytest.fixture
def empty(filled, tmp_path):
    """An installation of the same kind, without anything in it; queues are not restored."""
    with ExitStack() as resources:
        is_sqlite = filled._is_sqlite
        url = "" if is_sqlite else resources.enter_context(servers.database())
        stack = Stack(tmp_path / "restored", database_url=url)
        resources.callback(stack.stop)
        yield stack


def test_a_restored_backup_has_the_same_data_files_and_reports(filled, empty, tmp_path):
    kind = "SQLite" if filled._is_sqlite else "PostgreSQL"
    backup = tmp_path / "backup"
    backup.mkdir()
    as_of = "2024-03-13T17:00:00Z"
    report_id, before = report(filled, as_of)
    counts = filled.counts()
    run(f"Back up {kind}", filled, backup)

    run(f"Restore {kind}", empty, backup)

    assert empty.counts() == counts
    code, checks = examined(empty, *(word for name in RESTORED for word in ("--only", name)))
    assert [name for name in RESTORED if checks[name]["level"] != "OK"] == []
    assert code == 0
    empty.start_worker()
    empty.start_web()
    assert empty.download(report_id) == before
    again, after = report(empty, as_of)
    assert again != report_id
    assert after == before
