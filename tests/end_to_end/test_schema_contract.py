"""The schema against the server: valid and invalid requests, by schemathesis.

``schemathesis.toml`` says what is expected. CONTRACT_EXAMPLES and CONTRACT_SEED make it try more
or other values.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from string import Template

import pytest

from tests.end_to_end.conftest import BOTH, running
from tests.end_to_end.stack import ROOT, until

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# Five on each database, and not the same ones: together they try as many as ten would.
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "5")
SEED = int(os.environ.get("CONTRACT_SEED", "1"))
API = "/api/v1"
# One row can be used, so that there is an ingestion with rejects.
POLLS = {"file": "store_id,status,timestamp_utc\na,active,2024-03-13 18:00:00 UTC\na,open,?\n"}


@pytest.fixture(scope="module", params=BOTH)
def guarded(request, sample, tmp_path_factory):
    """A server for tokens only, with something of every kind, and the names of it all."""
    folder = tmp_path_factory.mktemp("guarded")
    with running(request.param, folder, {"ANONYMOUS_SCOPES": ""}, files=sample) as stack:
        made = stack.manage("create_token", "--name=contract", "--scope=admin")
        assert made.returncode == 0, made.stderr
        yield stack, {"token": made.stdout.strip(), **_things(stack, made.stdout.strip())}


def _things(stack, token):
    def ask(method, path, body=None):
        headers = {"Authorization": f"Bearer {token}", "Content_Type": "application/json"}
        answer = stack.call(method, path, json.dumps(body) if body else None, **headers)
        assert answer.status < 300, answer.body
        return answer.json

    def complete(report_id):
        until(lambda: ask("GET", f"{API}/reports/{report_id}/")["status"] == "Complete")
        return report_id

    webhook = {"name": "BI", "url": "https://bi.example.com/reports"}
    schedule = {"name": "Monday", "cadence": "weekly", "weekday": 0, "hour": 6}
    assert ask("POST", f"{API}/webhooks/", webhook)["id"] == 1
    assert ask("POST", f"{API}/schedules/", schedule)["id"] == 1
    target = {"name": "All", "scope": "fleet", "percentage": 99.5, "windows": ["7d"]}
    assert ask("POST", f"{API}/targets/", target)["id"] == 1
    first, second = ask("GET", f"{API}/stores/?limit=2")["results"]
    return {
        "report": complete(ask("POST", f"{API}/reports/", {"windows": "24h"})["id"]),
        "other_report": complete(ask("POST", f"{API}/reports/", {"columns": "full"})["id"]),
        "ingestion": ask("POST", "/trigger_report", POLLS)["ingestion"]["id"],
        "delivery": ask("POST", f"{API}/webhooks/1/test/")["id"],
        "store": first["store_id"],
        "other_store": second["store_id"],
    }


def test_the_server_is_as_the_schema_says(guarded, tmp_path):
    stack, names = guarded
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(Template(CONFIGURATION.read_text()).substitute(names))
    address = f"http://127.0.0.1:{stack.port}/api/schema"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", configuration, "run"]
    seed = SEED if stack._is_sqlite else SEED + 1
    options = ["--checks=all", f"--max-examples={EXAMPLES}", f"--seed={seed}", "--no-color"]
    run = subprocess.run(
        [*command, address, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        pytest.fail(run.stdout + run.stderr, pytrace=False)
    tested = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", run.stdout)
    assert len(set(tested.groups())) == 1, run.stdout
    assert "Traceback" not in (stack.folder / "web.log").read_text()
