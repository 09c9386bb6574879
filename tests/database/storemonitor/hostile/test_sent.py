"""Hostile names sent to every page and call, in every place that takes text."""

import io
import re
from urllib.parse import quote

import pytest
from django.test import Client

from ingestion.models import Ingestion
from tests.database.addresses import ADMIN, DASHBOARD
from tests.database.storemonitor.hostile.names import (
    NAMES,
    faults_of_csv,
    faults_of_log,
    faults_of_page,
)

pytestmark = pytest.mark.django_db(transaction=True)

SENT = {**NAMES, "nul": "a\0b", "lone byte": "\udcff"}
# Those that a database may take for something else than text, or not take at all.
FOR_DATABASES = {"nul", "lone byte", "long", "quotes", "format", "separators"}
KINDS = [
    pytest.param(kind, marks=[] if kind in FOR_DATABASES else [pytest.mark.one_database])
    for kind in SENT
]
POLLS = b"store_id,status,timestamp_utc\na,active,2024-01-17 11:00:00 UTC\n"
# What pages take, whichever of them; an unknown one is ignored or refused.
PARAMETERS = ("search", "q", "state", "zone", "tag", "sort", "page", "next", "since", "week", "at")


def faults_of(answer):
    kind = answer.headers.get("Content-Type", "")
    content = b"".join(answer) if answer.streaming else answer.content
    faults = [] if answer.status_code < 500 else [f"status {answer.status_code}"]
    if "html" in kind:
        faults += faults_of_page(content.decode())
    if "csv" in kind:
        faults += faults_of_csv(content.decode())
    faults += [name for name in answer.headers if name.lower() == "set-cookie"]
    return faults


def as_text(name):
    return quote(name, safe="", errors="surrogateescape")


@pytest.mark.parametrize("kind", KINDS)
def test_no_address_and_no_parameter_does_harm(admin_client, log, kind):
    sent = as_text(SENT[kind][:500])
    document = [
        re.sub(r"{(\w+)}", sent, path)
        for path in Client().get("/api/schema", {"format": "json"}).json()["paths"]
        if path not in {"/healthz", "/readyz"}
    ]
    pages = [re.sub(r"<[^>]+>", sent, path) for path, name in DASHBOARD if name]
    admin = [path for path, name in ADMIN if "_changelist" in (name or "")]
    faults = []
    for address in [*document, *pages, *admin, f"/{sent}", f"/admin/{sent}"]:
        query = "&".join(f"{name}={sent}" for name in PARAMETERS)
        for place in (address, f"{address}?{query}"):
            faults += [(place, fault) for fault in faults_of(admin_client.get(place))]
    assert faults == []
    assert faults_of_log(log.getvalue() or "RECORD") == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_of_a_file_or_an_account_does_harm(client, admin_client, log, kind):
    name = SENT[kind]
    headers = {"User-Agent": name, "Referer": name, "X-Forwarded-For": name, "Authorization": name}
    plain = {
        key: value.encode("utf-8", "surrogateescape").decode("latin-1")
        for key, value in headers.items()
    }
    faults = []
    for place in ("/api/v1/polls/", "/api/v1/ingestions/", "/trigger_report", "/data/"):
        file = io.BytesIO(POLLS)
        file.name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        faults += faults_of(admin_client.post(place, {"file": file, "files": file}))
    for door in ("/sign-in/", "/admin/login/"):
        form = {"username": file.name, "password": file.name, "next": file.name}
        faults += faults_of(client.post(door, form))
    for place in ("/", "/api/v1/reports/", "/admin/"):
        faults += faults_of(client.get(place, headers=plain))
    assert faults == []
    assert faults_of_log(log.getvalue()) == []
    assert all(row.name.isprintable() for row in Ingestion.objects.all())
