"""Reports on pages: requested, followed, cancelled, previewed, and what changed between two."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage

from dashboard.pages.reports.changes import changes
from dashboard.pages.reports.table import table_of
from fleet.models import BusinessHours, Poll, Store
from reports.build.services import build_report
from reports.models import Report
from reports.request.requesting import request_report
from reports.request.starting import start_report
from tests.database.dashboard.fleets import HOUR, NOON, add_store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Reports are queued, and built by the tests themselves."""
    monkeypatch.setattr("reports.tasks.enqueue", lambda _: None)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def fleet():
    add_store("a", "1" * 200, name="Maple <Diner>")
    add_store("b", "1" * 190 + "0" * 10)
    add_store("'c", "1" * 100 + "0" * 100)


def built(**wanted):
    report = start_report(requested_by="a test", **wanted)
    return build_report(report.pk)


def form(**values):
    return {"windows": "1h, 24h, 7d", "columns": "classic", **values}


def test_one_is_requested_with_a_form(client):
    fleet()
    response = client.post(
        "/reports/",
        form(windows="24h 7d", columns="full", max_gap="3h", as_of="2024-01-17T11:00:00"),
    )
    report = Report.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/reports/{report.pk}/")
    assert (report.windows, report.columns, report.as_of) == (["24h", "7d"], "full", NOON - HOUR)
    assert report.requested_by == "API from 127.0.0.1"
    page = text(client.get(f"/reports/{report.pk}/"))
    assert "last day, last week; all stores; with coverage and bounds" in page
    assert "Waiting for a worker" in page


def test_common_windows_are_ticked(client):
    fleet()
    client.post(
        "/reports/", {"common": ["7d", "yesterday"], "windows": "90m", "columns": "classic"}
    )
    assert Report.objects.get().windows == ["7d", "yesterday", "90m"]
    page = client.get("/reports/").content.decode()
    assert page.count("checked") == 3


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"windows": ""}, "Choose at least one window"),
        ({"windows": "1x"}, "1x"),
        ({"max_gap": "soon"}, "soon"),
        ({"tag": "nothing"}, "There is no tag"),
        ({"store_ids": "nobody"}, "nobody"),
        ({"as_of": "yesterday"}, "Enter a valid date"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(client, values, said):
    fleet()
    response = client.post("/reports/", form(**values))
    assert response.status_code == 422
    wrong = re.search(r'class="wrong" role="alert">(.*?)<', response.content.decode())[1]
    assert said in wrong
    assert not Report.objects.exists()


def test_without_polls_it_leads_to_the_data(client):
    assert "There are no polls yet" in text(client.get("/reports/"))
    assert client.post("/reports/", form()).status_code == 422


def test_it_is_followed_until_it_ends(client):
    fleet()
    report = start_report(requested_by="a test")
    address = f"/reports/{report.pk}/"
    assert b'hx-trigger="every 1s"' in client.get(address).content
    assert b'hx-trigger="every 1s"' in client.get("/reports/").content
    build_report(report.pk)
    part = client.get(address, headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert b"every 1s" not in part.content
    assert "Download CSV JSON NDJSON XLSX PARQUET" in text(part)
    assert b"every 1s" not in client.get("/reports/").content


def test_it_is_cancelled_and_requested_again(client):
    fleet()
    report = start_report(requested_by="a test", windows=["24h"], as_of=NOON - HOUR)
    client.post(f"/reports/{report.pk}/cancel/")
    report.refresh_from_db()
    assert report.status == "Cancelled"
    assert "Cancelled" in text(client.get(f"/reports/{report.pk}/"))
    client.post(f"/reports/{report.pk}/again/")
    again = Report.objects.first()
    assert (again.windows, again.as_of, again.status) == (["24h"], NOON, "Queued")
    assert client.get(f"/reports/{report.pk}/cancel/").status_code == 405


def test_its_rows_are_sorted_by_any_column_and_named(client):
    fleet()
    report = built()
    address = f"/reports/{report.pk}/"
    page = client.get(f"{address}?sort=-downtime_last_week(in%20hours)").content.decode()
    names = re.findall(r"<td class=\"name\">.*?<bdi>(.*?)</bdi>", page)
    assert names == ["&#x27;c", "b", "Maple &lt;Diner&gt;"]
    assert 'aria-sort="descending"' in page
    bars = re.findall(r'<rect class="fill-(\w+)" width="(\d+)"', page)
    assert bars[5] == ("down", "100")
    for odd in ("?sort=nonsense", "?page=x", "?page=99999999999", "?since=x", "?since=" + "0" * 36):
        assert client.get(address + odd).status_code == 200


def test_what_changed_is_counted_and_the_largest_come_first(client):
    fleet()
    before = built()
    Poll.objects.filter(store__store_id="b", polled_at__gt=NOON - 5 * HOUR).update(status=1)
    Store.objects.filter(store_id="'c").delete()
    add_store("d", "1")
    after = built()
    found = changes(table_of(before), table_of(after), "downtime_last_week(in hours)")
    assert (found.new, found.gone, found.same, found.differing) == (1, 1, 1, 1)
    [change] = found.most
    # Five hours of polls are active now, and half an hour more up to the midpoint.
    assert (change.store_id, change.before, change.after) == ("b", "9.50", "5.00")
    assert change.difference == "\N{MINUS SIGN}4.50"
    column = "downtime_last_week(in+hours)"
    page = text(client.get(f"/reports/{after.pk}/?since={before.pk}&column={column}"))
    assert (
        "1 store differs in downtime_last_week(in hours): 0 with more than before, 1 with less. "
        "The same: 1, new: 1, gone: 1." in page
    )
    # Without being asked, the page compares the last week's downtime with the report before.
    assert page == text(client.get(f"/reports/{after.pk}/"))
    for order, listed in (("more", 0), ("less", 1), ("nonsense", 1)):
        query = f"?since={before.pk}&order={order}&sort=store_id"
        page = client.get(f"/reports/{after.pk}/{query}").content.decode()
        assert page.count("\N{MINUS SIGN}4.50") == listed
        assert f"sort=-store_id&amp;since={before.pk}&amp;order={order}#rows" in page


def test_a_number_that_only_one_report_has_is_a_difference(client):
    fleet()
    before = built(columns="full", as_of=NOON - HOUR)
    BusinessHours.objects.create(
        store=Store.objects.get(store_id="a"), weekday=6, opens="00:00", closes="01:00"
    )
    after = built(columns="full", as_of=NOON)
    percentage = next(name for name in table_of(after).kinds if name.startswith("uptime_percent"))
    found = changes(table_of(before), table_of(after), percentage)
    assert (found.differing, found.more, found.less) == (1, 0, 0)
    [change] = found.most
    assert (change.store_id, change.after, change.difference) == ("a", None, "")
    assert "As of Wed 17 Jan 2024, 11:00" in text(client.get(f"/reports/{after.pk}/"))


def test_what_two_reports_were_asked_differently_is_said(client):
    fleet()
    before = built(max_gap=2 * HOUR)
    after = built(stores={"ids": ["a", "b"]})
    page = text(client.get(f"/reports/{after.pk}/"))
    assert "Asked differently" not in page
    page = text(client.get(f"/reports/{after.pk}/?since={before.pk}"))
    assert "Asked differently: stores: all stores before, 2 given stores here." in page
    assert "Asked differently: longest gap: 2h before, no limit here." in page
    assert "Gone: 1" in page


def test_reports_without_a_window_in_common_are_not_compared(client):
    fleet()
    before, after = built(windows=["1h"]), built(windows=["24h"])
    page = text(client.get(f"/reports/{after.pk}/?since={before.pk}"))
    assert "no window in common" in page


def test_failed_gone_and_damaged_files_are_said(client):
    fleet()
    report = built()
    default_storage.delete(report.file.name)
    assert "no longer in storage" in text(client.get(f"/reports/{report.pk}/"))
    other = built()
    with default_storage.open(other.file.name, "ab") as file:
        file.write(b"x")
    assert "damaged" in text(client.get(f"/reports/{other.pk}/"))
    failed = request_report(requested_by="a test").report
    Report.objects.filter(pk=failed.pk).update(status="Failed", error="Odd.", finished_at=NOON)
    assert "Failed : Odd." in text(client.get(f"/reports/{failed.pk}/"))


def test_an_unknown_report_is_a_page(client):
    response = client.get("/reports/00000000-0000-0000-0000-000000000000/")
    assert response.status_code == 404
    assert "No such report" in text(response)


def test_only_readers_request_and_see_reports(client, settings):
    fleet()
    report = built()
    settings.ANONYMOUS_SCOPES = []
    for path in ("/reports/", f"/reports/{report.pk}/"):
        assert client.get(path).status_code == 302
    for path in ("/reports/", f"/reports/{report.pk}/cancel/", f"/reports/{report.pk}/again/"):
        assert client.post(path, form()).status_code == 302
    client.force_login(get_user_model().objects.create_user("somebody"))
    assert client.get("/reports/").status_code == 403
    assert Report.objects.count() == 1


def test_it_asks_few_queries(client, django_assert_max_num_queries):
    fleet()
    before, after = built(), built()
    for path in ("/reports/", f"/reports/{after.pk}/?since={before.pk}"):
        client.get(path)
        with django_assert_max_num_queries(10):
            client.get(path)
