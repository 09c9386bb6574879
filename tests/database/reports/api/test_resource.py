"""Reports as a resource."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.models import Report
from tests.database.admin_pages import polled
from tests.database.answers import (
    AS_OF,
    REFUSALS,
    TEXT,
    complete,
    queued,
)
from tests.database.reports.api.reading import ABSENT

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/api/v1/reports/", "/api/v1/reports"])
def test_it_lists_reports_newest_first(client, path):
    reports = [queued() for _ in range(3)]
    for age, report in enumerate(reports):
        Report.objects.filter(pk=report.pk).update(created_at=AS_OF - timedelta(hours=age))
    listed = client.get(path).json()
    assert [one["id"] for one in listed["results"]] == [str(report.id) for report in reports]
    assert listed["next"] is None


@pytest.mark.parametrize("count", [1, 10, 120])
def test_it_lists_any_number_of_reports_with_one_query_a_page(
    client, django_assert_num_queries, count
):
    Report.objects.bulk_create(
        Report(as_of=AS_OF, created_at=AS_OF + timedelta(seconds=number)) for number in range(count)
    )
    seen, address = [], "/api/v1/reports/"
    while address:
        with django_assert_num_queries(1):
            page = client.get(address).json()
        seen += [one["created_at"] for one in page["results"]]
        address = page["next"]
    assert len(seen) == count
    assert seen == sorted(seen, reverse=True)


def test_it_shows_one_report_in_full(client):
    report = complete()
    for path in (f"/api/v1/reports/{report.id}/", f"/api/v1/reports/{report.id}"):
        answer = client.get(path).json()
        assert answer["url"] == f"http://testserver/api/v1/reports/{report.id}/"
        assert answer["download"] == f"{answer['url']}download/"
        assert answer["status"] == "Complete"
        assert answer["sha256"] == report.sha256
        assert (answer["row_count"], answer["size"], answer["attempts"]) == (1, len(TEXT), 0)
        assert "requested_by" not in answer  # It may contain someone's address.


def test_it_has_no_download_before_a_report_is_complete(client):
    answer = client.get(f"/api/v1/reports/{queued().id}/")
    assert (answer.json()["status"], answer.json()["download"]) == ("Queued", None)
    assert answer["Retry-After"] == "1"


@pytest.mark.parametrize("tail", ["/", "/download/"])
def test_it_knows_ids_of_the_resource_as_those_of_the_calls(client, tail):
    assert client.get(f"/api/v1/reports/{ABSENT}{tail}").status_code == 404
    assert client.get(f"/api/v1/reports/1{tail}").status_code == 400


def create(client, body):
    return client.post("/api/v1/reports/", body, content_type="application/json")


@pytest.mark.parametrize(
    "as_of",
    [
        "2023-01-24T12:00:00Z",
        "2023-01-24T06:00:00-06:00",
        "2023-01-24 12:00:00+00:00",
        "2023-01-24T12:00:00.000000Z",
    ],
)
def test_it_starts_a_report_as_of_an_instant(
    client, told, as_of, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = create(client, {"as_of": as_of})
    report = Report.objects.get()
    assert response.status_code == 202
    assert report.as_of == datetime(2023, 1, 24, 12, tzinfo=UTC)
    assert response.json()["as_of"] == "2023-01-24T12:00:00Z"
    assert response.json()["status"] == "Queued"
    assert response["Location"] == f"http://testserver/api/v1/reports/{report.id}/"
    assert type(response["Location"]) is str  # Some servers refuse the subclass that DRF makes.
    assert told == [report.id]


@pytest.mark.parametrize("body", [{}, {"as_of": None}])
def test_it_starts_a_report_as_of_the_newest_poll(client, told, body):
    polled("a", AS_OF)
    assert create(client, body).status_code == 202
    assert Report.objects.get().as_of == AS_OF


BAD_INSTANTS = [
    ("2023-01-24T12:00:00", "Needs an offset"),
    ("2023-01-24", "Needs an offset"),
    ("yesterday", "RFC 3339"),
    ("", "RFC 3339"),
    ("2023-02-30T12:00:00Z", "RFC 3339"),
    (1674561600, "RFC 3339"),
    (["2023-01-24T12:00:00Z"], "RFC 3339"),
    ("0001-01-01T00:00:00+14:00", "between 1970 and 2199"),
    ("9999-12-31T23:59:59-14:00", "between 1970 and 2199"),
]


@pytest.mark.parametrize(("as_of", "reason"), BAD_INSTANTS)
def test_it_refuses_what_is_no_instant(client, told, as_of, reason):
    response = create(client, {"as_of": as_of})
    assert (response.status_code, response.json()["code"]) in REFUSALS
    [fault] = response.json()["errors"]
    assert fault["field"] == "as_of"
    assert reason in fault["detail"]
    assert response.json()["detail"] == f"as_of: {fault['detail']}"
    assert not Report.objects.exists()


def test_it_refuses_unknown_fields_and_other_media(client, told):
    assert create(client, {"as_if": "x"}).status_code == 400
    response = client.post("/api/v1/reports/", {"as_of": "2023-01-24T12:00:00Z"})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert create(client, {"as_of": "x" * 2_100_000}).status_code == 413
    assert not Report.objects.exists()
