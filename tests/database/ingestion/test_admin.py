"""Polls and ingestions in the admin."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.sites import site
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fleet.models import Poll, PollRecord, Store
from ingestion.models import Ingestion
from tests.database.answers import release

pytestmark = pytest.mark.django_db

NEWEST = datetime(2023, 1, 25, 18, 13, 22, tzinfo=UTC)
POLLS = "/admin/fleet/pollrecord/"
INGESTIONS = "/admin/ingestion/ingestion/"


def store(store_id: str, **values) -> Store:
    return Store.objects.create(store_id=store_id, **values)


def polled(store_id: str, *instants: datetime, status: int = 1, **values) -> Store:
    values = {"last_polled_at": max(instants), "last_status": status, **values}
    made = store(store_id, **values)
    polls = [Poll(store=made, polled_at=instant, status=status) for instant in instants]
    Poll.objects.bulk_create(polls)
    return made


def fleet(count: int) -> None:
    for number in range(count):
        polled(f"s{number:04}", NEWEST - timedelta(minutes=number), time_zone_id="America/Denver")


def text(response) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def listed(response) -> list[str]:
    """The store ids in the list, in order."""
    cells = re.findall(r"field-store_(?:id|link)[^>]*><a[^>]*>([^<]*)", response.content.decode())
    assert response.status_code == 200
    return cells


@pytest.mark.parametrize("count", [1, 20, 100])
@pytest.mark.parametrize(("path", "most"), [(POLLS, 5), (INGESTIONS, 6)])
def test_it_lists_any_number_of_rows_with_as_many_queries(
    admin_client, django_assert_max_num_queries, count, path, most
):
    fleet(count)
    for number in range(count):
        Ingestion.objects.create(name=f"{number}.csv", status="Complete", requested_by="a test")
    with django_assert_max_num_queries(most):
        assert admin_client.get(path).status_code == 200


def test_it_does_not_let_history_be_forged(admin_client):
    record = Ingestion.objects.create(name="a.csv", requested_by="a test", status="Complete")
    for name in ("delete", "change"):
        response = admin_client.post(f"{INGESTIONS}{record.pk}/{name}/", {"name": "b", "post": "y"})
        assert response.status_code == 403
    record.refresh_from_db()
    assert record.name == "a.csv"


def test_it_has_no_page_for_one_poll(admin_client):
    polled("a", NEWEST)
    for tail in ("add/", "1/change/", "1/delete/", "1/history/"):
        assert admin_client.get(POLLS + tail).status_code == 404
    assert "/add/" not in admin_client.get(POLLS).content.decode().partition('id="content"')[2]


def pages(admin_client, **query: str) -> list[list[str]]:
    """Follow the way to older polls to its end."""
    found, address = [], "?" + "&".join(f"{key}={value}" for key, value in query.items())
    while address:
        response = admin_client.get(POLLS + address)
        found.append(listed(response))
        link = re.search(r'href="([^"]*)">Older', response.content.decode())
        address = link[1].replace("&amp;", "&") if link else None
    return found


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 250])
def test_it_pages_through_polls_newest_first(admin_client, count):
    fleet(count)
    found = pages(admin_client)
    expected = [f"s{number:04}" for number in range(count)]
    assert [one for page in found for one in page] == expected
    assert len(found) == max(1, -(-count // 100))


def test_it_goes_no_farther_back_than_a_hundred_pages(admin_client, monkeypatch):
    monkeypatch.setattr("fleet.polls.listing.NextPagePaginator.last_page", 2)
    fleet(250)
    assert len(pages(admin_client)) == 2
    assert "Choose a date to go further back." in text(admin_client.get(POLLS, {"p": "2"}))
    assert admin_client.get(POLLS, {"p": "3"}).status_code == 302


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "9" * 30])
def test_it_sends_a_page_that_is_not_there_back_to_the_list(admin_client, page):
    fleet(1)
    assert admin_client.get(POLLS, {"p": page}, follow=True).status_code == 200


def test_it_goes_down_from_years_to_a_day(admin_client):
    for at in ("2022-12-31", "2023-01-01", "2023-03-02", "2023-03-04"):
        polled(at, datetime.fromisoformat(f"{at}T12:00:00Z"))

    def shown(**query: str) -> tuple[list[str], list[str]]:
        query = {f"polled_at__{unit}": value for unit, value in query.items()}
        response = admin_client.get(POLLS, query)
        bar = re.search(r'<nav class="toplinks".*?</nav>', response.content.decode(), re.DOTALL)[0]
        return re.sub(r"<[^>]+>|&\w+;", " ", bar).split("  "), listed(response)

    def titles(parts: list[str]) -> list[str]:
        return [part.strip() for part in parts if part.strip()]

    bar, found = shown()
    assert titles(bar) == ["2022", "2023"]
    assert len(found) == 4
    bar, found = shown(year="2023")
    assert titles(bar) == ["All dates", "January 2023", "February 2023", "March 2023"]
    assert found == ["2023-03-04", "2023-03-02", "2023-01-01"]
    bar, found = shown(year="2023", month="3")
    assert titles(bar) == ["2023", "01 March", "02 March", "03 March", "04 March"]
    assert found == ["2023-03-04", "2023-03-02"]
    bar, found = shown(year="2023", month="3", day="2")
    assert titles(bar) == ["March 2023", "02 March 2023"]
    assert found == ["2023-03-02"]


def test_it_offers_the_days_at_once_where_there_is_one_month(admin_client):
    fleet(1)
    assert "25 January" in text(admin_client.get(POLLS))


@pytest.mark.parametrize(
    "query", [{"polled_at__month": "13"}, {"polled_at__year": "x"}, {"a": "b"}]
)
def test_it_survives_dates_that_are_none(admin_client, query):
    fleet(1)
    query = {"polled_at__year": "2023", **query}
    assert admin_client.get(POLLS, query, follow=True).status_code == 200


def test_it_finds_the_polls_of_exactly_one_store(admin_client):
    polled("a", NEWEST, NEWEST - timedelta(days=6), NEWEST - timedelta(days=8))
    polled("ab", NEWEST)
    assert listed(admin_client.get(POLLS, {"q": " a "})) == ["a", "a"]
    assert listed(admin_client.get(POLLS, {"q": "b"})) == []
    day = NEWEST - timedelta(days=8)
    query = {"q": "a", "polled_at__year": day.year, "polled_at__month": day.month}
    assert listed(admin_client.get(POLLS, {**query, "polled_at__day": day.day})) == ["a"]


def test_it_finds_no_polls_of_a_store_never_polled(admin_client):
    store("a")
    assert listed(admin_client.get(POLLS, {"q": "a"})) == []


SEARCHES = [{}, {"p": "20"}, {"q": "s0007"}, {"polled_at__year": "2023", "polled_at__month": "1"}]


@pytest.mark.parametrize("query", SEARCHES)
def test_it_reads_polls_by_their_index_and_never_counts_them(admin_client, query):
    _many_polls()
    with CaptureQueriesContext(connection) as captured:
        assert admin_client.get(POLLS, query).status_code == 200
    asked = [one["sql"] for one in captured if '"ingestion_poll"' in one["sql"]]
    assert len(asked) in {2, 3}
    assert not [sql for sql in asked if "COUNT" in sql.upper()]
    for sql in asked:
        plan = _plan(sql)
        assert "Seq Scan on ingestion_poll" not in plan, plan
        assert "Sort" not in plan or "q" in query, plan
        assert not re.search(r"SCAN ingestion_poll(?! USING)|TEMP B-TREE", plan), plan


def _many_polls() -> None:
    """Poll 25 stores every hour for eight weeks, and update the database's statistics."""
    stores = Store.objects.bulk_create(
        Store(store_id=f"s{number:04}", last_polled_at=NEWEST, last_status=1)
        for number in range(25)
    )
    Poll.objects.bulk_create(
        (
            Poll(store=one, polled_at=NEWEST - timedelta(hours=hour), status=1)
            for hour in range(8 * 168)
            for one in stores
        ),
        batch_size=10_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _plan(sql: str) -> str:
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A week of 25 stores is so little that reading it whole may be the quickest.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{how} {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_it_lists_polls_of_the_one_table():
    assert PollRecord._meta.db_table == Poll._meta.db_table
    columns = {field.column for field in Poll._meta.concrete_fields if field.column}
    assert {field.column for field in PollRecord._meta.concrete_fields} == columns


def test_it_leads_from_an_ingestion_to_its_rejects(admin_client):
    name = default_storage.save("rejects/1.csv", ContentFile(b"file,line,field,value,reason\n"))
    record = Ingestion.objects.create(
        name="a.csv",
        requested_by="a test",
        status="Complete",
        feed="status",
        rows_read=1822080,
        rows_new=1822077,
        rows_rejected=3,
        rejects=name,
        finished_at=NEWEST,
    )
    response = admin_client.get(INGESTIONS)
    assert "1,822,080 1,822,077 3" in text(response)
    address = reverse("ingestion-rejects", args=[record.pk])
    for page in (response, admin_client.get(f"{INGESTIONS}{record.pk}/change/")):
        assert f'href="{address}"' in page.content.decode()
    answer = admin_client.get(address)
    assert answer.status_code == 200
    release(answer)


def test_it_says_why_an_ingestion_failed(admin_client):
    record = Ingestion.objects.create(
        name="a.csv", requested_by="a test", status="Failed", error="a.csv is a Git LFS pointer"
    )
    assert record.error in text(admin_client.get(f"{INGESTIONS}{record.pk}/change/"))


def test_it_keeps_what_happened_from_everybody(rf: RequestFactory, admin_user):
    request = rf.get("/")
    request.user = admin_user
    for model in (PollRecord, Ingestion):
        admin = site.get_model_admin(model)
        assert admin.has_view_permission(request)
        assert not admin.has_change_permission(request)
        assert not admin.has_delete_permission(request)


def test_it_shows_a_file_that_waits_for_a_worker(admin_client):
    record = Ingestion.objects.create(
        name="polls.csv",
        feed="status",
        status="Queued",
        size=1000,
        upload="uploads/1",
        enqueued_at=NEWEST,
        started_at=None,
        attempts=0,
    )
    listed = admin_client.get("/admin/ingestion/ingestion/?status__exact=Queued").content.decode()
    assert "polls.csv" in listed
    page = admin_client.get(f"/admin/ingestion/ingestion/{record.pk}/change/").content.decode()
    assert "waiting, 0 %" in page
