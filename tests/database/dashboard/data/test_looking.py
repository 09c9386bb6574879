"""What the data page shows: the feeds, the history, and the rejected rows of a file."""

import html
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fleet.models import SpecialDay, Store
from ingestion.models import Ingestion
from tests.database.admin_pages import member_of
from tests.database.dashboard.data.sending import DATA, HTMX, POLLS, send, words
from tests.database.files import (
    STATUS,
    csv,
    ingest_hours,
    ingest_polls,
    ingest_special_days,
    ingest_stores,
    ingest_time_zones,
)

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe",
    "\N{GRINNING FACE}" * 50,
    "x" * 300,
    "{{ 7 }}&amp;",
]


def test_it_shows_three_ways_to_begin_while_there_is_nothing(client, settings):
    page = client.get(DATA)
    assert "Three ways to begin" in words(page)
    assert "./run manage ingest FOLDER" in words(page)
    assert "http://testserver/api/v1/ingestions/" in words(page)
    assert "Bearer" not in words(page)
    assert 'name="csrfmiddlewaretoken"' in page.content.decode()
    settings.ANONYMOUS_SCOPES = ["read"]
    page = client.get(DATA)
    assert 'type="file"' not in page.content.decode()
    assert "Sign in as somebody who may" in words(page)
    assert "Bearer TOKEN" in words(page)


def test_it_says_how_far_each_feed_reaches(client):
    ingest_polls("a,active,2023-01-22 12:00:00 UTC", "b,active,2023-01-22 13:00:00 UTC")
    ingest_hours("a,0,09:00:00,17:00:00", "a,1,09:00:00,17:00:00", "c,0,09:00:00,17:00:00")
    ingest_time_zones("a,Asia/Beirut")
    ingest_stores("a,Maple Street Diner,", "d,,airport")
    ingest_special_days("a,2023-01-22,,,", "a,2023-01-23,,,", "b,2023-01-22,,,")
    SpecialDay.objects.create(date=date(2023, 1, 1), made_by="someone")
    page = words(client.get(DATA))
    assert "Three ways" not in page
    assert "Newest poll Sun 22 Jan 2023, 13:00 UTC" in page
    assert "2 of 4 stores were polled" in page
    assert "2 of 4 stores have business hours" in page
    assert "1 of 4 stores have a time zone" in page
    assert "1 of 4 stores have a name" in page
    assert "2 of 4 stores have special days of their own. 1 more is for a tag or the fleet" in page
    assert re.search(r"Business hours .{0,120} Last file: hours.csv , \d s ago", page)


def test_it_says_that_the_sample_is_made_up_and_goes(client):
    ingest_polls("a,active,2023-01-22 12:00:00 UTC")
    assert "made-up" not in words(client.get(DATA))
    Store.objects.update(is_sample=True)
    page = client.get(DATA)
    assert "The data shown is a made-up sample" in words(page)
    assert 'name="keep_sample"' in page.content.decode()
    response = send(client, csv(STATUS, "real,active,2023-01-22 12:00:00 UTC"))
    assert "replaced the sample (1 stores)" in words(response)
    assert Store.objects.get().store_id == "real"


def test_it_keeps_the_sample_where_that_is_chosen(client):
    ingest_polls("a,active,2023-01-22 12:00:00 UTC")
    Store.objects.update(is_sample=True)
    send(client, POLLS, keep_sample="on")
    assert not Store.objects.filter(is_sample=True).exists()
    assert Store.objects.count() == 1


def running(**values) -> Ingestion:
    lease = timezone.now() + timezone.timedelta(minutes=1)
    state = {"status": "Running", "lease_expires_at": lease, "feed": "status"}
    return Ingestion.objects.create(**{"name": "a.csv", **state, **values})


def test_it_asks_again_until_all_files_are_finished(client):
    record = running(phase="storing", done=412_000, total=1_822_080)
    for address in (DATA, f"{DATA}{record.pk}/"):
        for headers in ({}, HTMX):
            response = client.get(address, headers=headers)
            page = response.content.decode()
            assert re.search(r'hx-trigger="[^"]*every', page)
            assert '<progress max="100" value="22"' in page
            assert "412,000 of 1,822,080 rows" in words(response)
            assert ("<html" in page) == (not headers)
            assert "HX-Request" in response["Vary"]
    Ingestion.objects.update(status="Failed", error="The disk is full.", finished_at=timezone.now())
    page = client.get(f"{DATA}{record.pk}/")
    for ended in (page, client.get(DATA)):
        assert not re.search(r'hx-trigger="[^"]*every', ended.content.decode())
    assert "Not stored The disk is full." in words(page)


def test_it_shows_the_history_newest_first_in_pages(client):
    Ingestion.objects.bulk_create(
        Ingestion(name=f"file-{number:02}.csv", status="Complete") for number in range(60)
    )

    def names(page):
        return re.findall(r"<bdi>(file-\d+)", client.get(f"{DATA}?page={page}").content.decode())

    assert names(1) == [f"file-{number:02}" for number in range(59, 9, -1)]
    assert names(2) == [f"file-{number:02}" for number in range(9, -1, -1)]
    assert names(3) == []
    assert names("-1") == names("nonsense") == names("9" * 30) == names(1)
    first, second = client.get(DATA).content.decode(), client.get(f"{DATA}?page=2").content.decode()
    assert ('rel="next"' in first, 'rel="prev"' in first) == (True, False)
    assert ('rel="next"' in second, 'rel="prev"' in second) == (False, True)


def rejected(page) -> list[list[str]]:
    """The cells of the table of rejected rows, as a reader sees them."""
    table = re.search(r'<table class="rejects">.*?</table>', page.content.decode(), re.DOTALL)[0]
    rows = re.findall(r"<tr>(<td.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[html.unescape(re.sub(r"</?bdi>", "", cell)) for cell in row] for row in cells]


def test_it_pages_through_rejected_rows_whatever_their_values_are(client):
    bad = [f"a,active,{HOSTILE[number % len(HOSTILE)]}{number}" for number in range(130)]
    record = ingest_polls("a,active,2023-01-22 12:00:00 UTC", *bad)
    address = f"{DATA}{record.pk}/"
    pages = [client.get(f"{address}?page={number}") for number in (1, 2, 3, 4)]
    shown = [row for page in pages[:3] for row in rejected(page)]
    assert [int(line) for line, *_ in shown] == list(range(3, 133))
    assert [len(rejected(page)) for page in pages] == [50, 50, 30, 1]
    assert rejected(pages[3]) == [["There are no more."]]
    as_csv = b"".join(client.get(f"/api/v1/ingestions/{record.pk}/rejects/")).decode()
    for line, field, value, reason in shown:
        assert f'{line},{field},"{value}"'.replace('"', "") in as_csv.replace('"', ""), value
        assert reason in as_csv
    for page in pages:
        assert "<script>alert" not in page.content.decode()
        assert "<img" not in page.content.decode()
        assert f'href="/api/v1/ingestions/{record.pk}/rejects/"' in page.content.decode()


def test_it_shows_all_counts_of_a_file(client):
    row = "a,active,2023-01-22 12:00:00 UTC"
    ingest_polls(row, "a,active,2023-01-22 13:00:00 UTC")
    record = ingest_polls(row, "a,inactive,2023-01-22 13:00:00 UTC", "a,active,never", row)
    page = words(client.get(f"{DATA}{record.pk}/"))
    for name in ("read", "new", "changed", "repeated", "superseded", "rejected"):
        assert re.search(rf"\b{name} {getattr(record, f'rows_{name}')}\b", page), name
    assert re.search(r"Took \d+\.\d\ss", page)


def test_it_says_that_the_rejected_rows_cannot_be_read(client):
    record = ingest_polls("a,active,2023-01-22 12:00:00 UTC", "a,active,never")
    record.rejects.storage.delete(record.rejects.name)
    page = client.get(f"{DATA}{record.pk}/")
    assert "The rejected rows cannot be read" in words(page)


def test_it_shows_hostile_names_as_text(client):
    Ingestion.objects.bulk_create(
        Ingestion(name=f"{name[:200]}.csv", status="Complete") for name in HOSTILE
    )
    for record in Ingestion.objects.all():
        for address in (DATA, f"{DATA}{record.pk}/"):
            page = client.get(address).content.decode()
            assert "<script>alert" not in page
            assert "<img" not in page
            assert f"<bdi>{html.escape(record.name)}</bdi>" in page


@pytest.mark.parametrize("number", ["0", "999", "9" * 40])
def test_it_knows_no_other_files(client, number):
    response = client.get(f"{DATA}{number}/")
    assert response.status_code == 404
    assert "There is no such file" in response.content.decode()


def test_it_asks_the_database_little(client, settings, django_user_model):
    settings.ANONYMOUS_SCOPES = []
    client.force_login(member_of("operator", django_user_model))
    ingest_polls("a,active,2023-01-22 12:00:00 UTC", "a,active,never")
    record = ingest_hours("a,0,09:00:00,17:00:00")
    for address in (DATA, f"{DATA}{record.pk}/"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 12, [query["sql"] for query in queries]
