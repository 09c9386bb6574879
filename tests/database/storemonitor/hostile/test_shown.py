"""Hostile names in the database, through every page, call, format and e-mail that shows them.

The doors come from the URL resolver and the OpenAPI document: new ones are tried by themselves.
"""

import json
import re

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse

from access.models import Token
from access.tokens import issue
from fleet.models import Store
from reports.build.services import build_report
from reports.models import Report
from reports.request.starting import start_report
from schedules.mails import compose
from schedules.models import ScheduledRun
from tests.database.addresses import ADMIN, DASHBOARD
from tests.database.answers import release
from tests.database.storemonitor.hostile.names import (
    NAMES,
    faults_of_csv,
    faults_of_log,
    faults_of_page,
    faults_of_workbook,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

HEADERS = {
    "Content-Type",
    "MIME-Version",
    "Content-Transfer-Encoding",
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
}

# Rows that are tried on every page of theirs: those of the first two names.
FEW = 30


def check(client, address, **headers):
    """Fetch one address and return what is wrong with the answer."""
    answer = client.get(address, headers=headers)
    content = b"".join(answer) if answer.streaming else answer.content
    release(answer)
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    faults = [] if answer.status_code < 500 else [f"status {answer.status_code}"]
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("sniffed")
    if kind == "text/html":
        faults += faults_of_page(content.decode())
    elif kind == "text/csv":
        faults += faults_of_csv(content.decode())
    elif kind.endswith("json"):
        lines = content.splitlines() if kind.endswith("ndjson") else [content]
        faults += [] if all(json.loads(line) is not None for line in lines if line) else ["no JSON"]
    elif "spreadsheetml" in kind:
        faults += faults_of_workbook(content)
    return [(address, fault) for fault in faults]


def test_no_page_of_the_dashboard_runs_a_name(client, admin_client, world, log):
    stores = list(Store.objects.values_list("store_id", flat=True))
    assert len(stores) == len(NAMES)
    values = {
        "store_id": stores,
        "report_id": Report.objects.values_list("pk", flat=True),
        "ingestion_id": [row.pk for row in world if row._meta.model_name == "ingestion"],
    }
    faults = []
    for path, name in DASHBOARD:
        if name in {None, "sign-out"}:
            continue
        parameters = re.findall(r"<\w+:(\w+)>", path)
        for value in values[parameters[0]] if parameters else [None]:
            address = reverse(f"dashboard:{name}", args=[value] if parameters else [])
            faults += check(admin_client, address)
    assert faults == []
    assert faults_of_log(log.getvalue() or "RECORD") == []


def test_no_page_of_the_admin_runs_a_name(admin_client, world, log):
    faults = []
    for path, name in ADMIN:
        if "<" not in path and "(" not in path and name != "logout":
            faults += check(admin_client, path)
    for place, row in enumerate(world):
        if type(row) not in site._registry:
            continue
        for page in ("change", "history", "delete") if place < FEW else ("change",):
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
            faults += check(admin_client, reverse(name, args=[row.pk]))
    assert faults == []
    assert faults_of_log(log.getvalue() or "RECORD") == []


def test_no_call_and_no_format_runs_a_name(client, admin_client, world):
    report = build_report(start_report(requested_by="a test", columns="full").pk)
    assert report.status == "Complete", report.error
    document = client.get("/api/schema", {"format": "json"}).json()
    ids = {"suffix": ["csv", "json", "ndjson", "xlsx", "parquet"], "report_id": [report.pk]}
    ids["store_id"] = list(Store.objects.values_list("store_id", flat=True))
    faults, tried = [], 0
    for path, item in document["paths"].items():
        if "get" not in item or path.endswith("/events/"):
            continue
        for address in addresses(path, ids):
            faults += check(admin_client, address)
            tried += 1
    assert faults == []
    assert tried > 80


def addresses(path, ids):
    """Yield the addresses of each row that there is; one of those without."""
    names = re.findall(r"{(\w+)}", path)
    if set(names) == {"store_id"}:
        for value in ids["store_id"]:
            yield reverse("store", args=[value]) + path.partition("}/")[2]
        return
    values = ids["suffix"] if "suffix" in names else [""]
    for value in values:
        chosen = {"suffix": value, "report_id": str(ids["report_id"][0])}
        yield re.sub(r"{(\w+)}", lambda part, c=chosen: c.get(part[1], "1"), path)


def test_no_table_of_a_report_holds_a_formula(admin_client, world):
    report = build_report(start_report(requested_by="a test", columns="full").pk)
    for suffix in ("csv", "xlsx"):
        address = f"/api/v1/reports/{report.pk}/download.{suffix}"
        assert check(admin_client, address) == []
    assert check(admin_client, "/stores.csv") == []


def test_no_name_of_a_schedule_adds_a_header_to_an_e_mail(world, settings):
    settings.SITE_URL = "https://monitor.example.com"
    run = next(row for row in world if isinstance(row, ScheduledRun))
    run.schedule.recipients = ["ops@example.com"]
    for name in (name for name in NAMES.values() if len(name.splitlines()) == 1):
        run.schedule.name = name[:100]
        message = compose(run).message()
        assert set(message.keys()) == HEADERS
        assert message.get_content_type() == "text/plain"


def test_no_name_of_a_token_forges_a_line_of_the_log(client, log):
    for kind, name in NAMES.items():
        issued = issue(name=kind, scopes=["admin"], created_by="a test")
        Token.objects.filter(pk=issued.token.pk).update(name=name[:100])
        headers = {"Authorization": f"Bearer {issued.secret}"}
        body = {"name": "BI", "url": "https://bi.example.com/"}
        sent = client.post("/api/v1/webhooks/", body, "application/json", headers=headers)
        assert sent.status_code == 201, sent.content
    text = log.getvalue()
    assert text.count("api: POST /api/v1/webhooks/: 201") == len(NAMES)
    assert faults_of_log(text) == []
