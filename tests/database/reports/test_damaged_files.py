"""A stored file that is not the one that was written is not served, and not reused."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from reports.build.services import build_report
from reports.models import Report
from reports.request.requesting import request_report
from tests.database.answers import AS_OF
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report():
    ingest_polls("a,active,2023-01-25 11:00:00 UTC")
    return build_report(request_report(as_of=AS_OF, requested_by="a test").report.pk)


@pytest.fixture
def damaged(report):
    path = Path(default_storage.path(report.file.name))
    path.write_bytes(path.read_bytes()[: report.size // 2])
    return report


def addresses(report):
    base = f"/api/v1/reports/{report.pk}/download"
    forms = [f"{base}.{suffix}" for suffix in ("csv", "json", "ndjson", "xlsx", "parquet")]
    classic = [f"/{call}?report_id={report.pk}" for call in ("download_report", "get_report")]
    return [f"{base}/", *forms, *classic]


def test_it_is_served_in_no_form(client, damaged):
    for address in addresses(damaged):
        for method in (client.get, client.head):
            answer = method(address)
            assert answer.status_code == 410, address
            assert "ETag" not in answer
        assert client.get(address).json()["code"] == "file_damaged"
    inline = client.get(f"/get_report?report_id={damaged.pk}", headers={"Accept": "text/csv"})
    assert (inline.status_code, inline.json()["code"]) == (410, "file_damaged")


def test_a_part_of_it_and_a_packed_one_are_not_served_either(client, damaged):
    for headers in ({"Range": "bytes=0-9"}, {"Accept-Encoding": "gzip"}):
        answer = client.get(addresses(damaged)[0], headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (410, "file_damaged")


def test_who_has_a_copy_of_it_is_not_told_that_it_is_right(client, damaged):
    headers = {"If-None-Match": f'"{damaged.sha256}"'}
    assert client.get(addresses(damaged)[0], headers=headers).status_code == 410


def test_the_admin_says_so_and_offers_to_run_it_again(admin_client, damaged):
    page = admin_client.get(f"/admin/reports/report/{damaged.pk}/change/").content.decode()
    assert "The file is damaged: it should have" in page
    assert "The first 0 of" not in page
    assert f"/admin/reports/report/{damaged.pk}/again/" in page
    assert f"/api/v1/reports/{damaged.pk}/download.json" not in page


def ask_again(client):
    body = {"as_of": AS_OF.isoformat(), "reuse": True}
    return client.post("/api/v1/reports/", body, content_type="application/json")


@pytest.mark.parametrize("harm", ["cut", "removed"])
def test_a_report_without_its_whole_file_is_not_reused(client, report, harm):
    assert ask_again(client).json()["reused"] is True
    path = Path(default_storage.path(report.file.name))
    path.unlink() if harm == "removed" else path.write_bytes(b"store_id")
    answer = ask_again(client)
    assert (answer.status_code, answer.json()["reused"]) == (202, False)
    assert Report.objects.count() == 2
