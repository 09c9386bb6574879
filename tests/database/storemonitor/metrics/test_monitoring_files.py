"""The alerts, the dashboard and the documentation name metrics that exist, and sections that do."""

import json
import re
import shutil
import subprocess
from datetime import timedelta

import promql_parser
import pytest
import yaml
from django.utils import timezone
from django_celery_results.models import TaskResult

from access.models import AuditEntry
from dashboard.models import FleetSnapshot
from fleet.models import Poll, Store
from reports.models import Report
from storemonitor.metrics import collecting
from storemonitor.metrics.requests import counted
from storemonitor.models import Worker
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "monitoring"
GROUPS = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text())
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
# Grafana's own; Prometheus' addition to every target.
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}
OF_PROMETHEUS = {"up": {"job": {"storemonitoring"}, "instance": set()}}
# PostgreSQL has estimated no rows at first, and SQLite knows no bytes.
OF_TABLES = {
    f"storemonitor_table_{what}": {"table": set(), "instance": set()} for what in ("rows", "bytes")
}


@pytest.fixture
def exposed(client):
    """Every metric with the values of its labels, of an installation that has something of all."""
    now = timezone.now()
    common = {"status": "Complete", "finished_at": now}
    Worker.objects.create(name="a", pid=1, processes=1, started_at=now, beat_at=now)
    TaskResult.objects.create(task_id="x", task_name="reports.sweep", status="SUCCESS")
    store = Store.objects.create(store_id="a")
    Poll.objects.create(store=store, polled_at=now - timedelta(minutes=1), status=1)
    FleetSnapshot.objects.create(data_version=0, as_of=now, file="snapshots/x", **common)
    file = {"file": "reports/x", "row_count": 1, "sha256": "0" * 64}
    Report.objects.create(as_of=now, started_at=now, **file, **common)
    AuditEntry.objects.create(who="a", how="schedule", what="prune", outcome="done")
    client.get("/healthz")
    client.get("/api/v1/reports/x/")
    found = {name: {**labels} for name, labels in (OF_PROMETHEUS | OF_TABLES).items()}
    collectors = [collector for _, collector in collecting.COLLECTORS.values()]
    for families in (*(one() for one in collectors), collecting.collected(), counted()):
        for sample in (sample for family in families for sample in family.samples):
            labels = found.setdefault(sample.name, {})
            labels.setdefault("instance", set())
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


def expressions():
    yield from (rule["expr"] for rule in RULES)
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for variable in DASHBOARD["templating"]["list"]:
        name = re.match(r"label_values\((\w+),", variable["query"])
        yield from name.groups() if name else ()


def selectors(expression):
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    found = []

    def visit(node):
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


@pytest.mark.django_db
def test_every_expression_asks_for_metrics_and_labels_that_exist(exposed):
    asked = [selector for one in expressions() for selector in selectors(one)]
    assert len(asked) > 40
    for one in asked:
        assert one.name in exposed, one
        labels = exposed[one.name]
        for matcher in one.matchers.matchers:
            assert matcher.name in labels, one
            is_fixed = matcher.op == promql_parser.MatchOp.Equal and matcher.name != "status"
            assert not is_fixed or matcher.value in labels[matcher.name], one


@pytest.mark.django_db
def test_the_documentation_lists_every_metric_and_its_labels(exposed):
    text = (ROOT / "docs" / "monitoring.md").read_text()
    rows = re.findall(r"^\| `(storemonitor_\w+)` \| ([^|]*)\|", text, re.MULTILINE)
    listed = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    parts = ("_bucket", "_count", "_sum", "_created")
    there = {}
    for name, labels in exposed.items():
        whole = next((name.removesuffix(part) for part in parts if name.endswith(part)), name)
        there.setdefault(whole, set()).update(set(labels) - {"instance", "le"})
    del there["up"], there["storemonitor_http_requests"]
    assert listed == there


def test_every_alert_says_how_bad_it_is_and_what_it_is():
    assert len(RULES) >= 15
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"([A-Z][a-z]+)+", rule["alert"])
        assert rule["labels"] == {"severity": rule["labels"]["severity"]}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))
        assert rule["annotations"]["summary"].endswith(".")


def test_every_alert_has_its_section_and_every_section_its_alert():
    names = [rule["alert"] for rule in RULES]
    assert re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE) == names
    for rule in RULES:
        link = f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["annotations"]["runbook_url"] == link
    for section in RUNBOOK.split("\n## ")[1:]:
        assert re.findall(r"^\*\*(\w+):\*\*", section, re.MULTILINE) == ["Means", "Look", "Do"]


def test_the_dashboard_has_panels_side_by_side_and_none_twice():
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len({one["title"] for one in panels})
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool of Prometheus")
@pytest.mark.parametrize(
    ("command", "file"),
    [(("check", "rules"), "alerts.yml"), (("check", "config", "--syntax-only"), "prometheus.yml")],
)
def test_prometheus_accepts_them(command, file):
    run = ["promtool", *command, file]
    checked = subprocess.run(run, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
