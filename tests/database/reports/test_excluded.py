"""Reports leave excluded time out of both sides of the share, and say how much and why."""

import html
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model

from fleet.models import Exclusion, Store, Tag
from reports import tasks
from reports.build.services import build_report
from reports.build.shards import build_shard
from reports.models import Report
from tests.database.files import ingest_polls, ingest_stores
from tests.database.fleet.exclusions import made

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/reports/"
HOUR = 3_600_000_000
AS_OF = datetime(2024, 1, 16, tzinfo=UTC)
NIGHT = {"starts_at": AS_OF - timedelta(hours=9), "ends_at": AS_OF - timedelta(hours=3)}


@pytest.fixture(autouse=True)
def _no_messages(monkeypatch):
    monkeypatch.setattr(tasks, "enqueue", lambda report: None)


@pytest.fixture(autouse=True)
def _stores():
    """Four stores that are always open; two of them are down all day."""
    polls = (
        f"{name},{'active' if name in 'ab' else 'inactive'},2024-01-15 {hour:02}:30:00 UTC"
        for name in "abcd"
        for hour in range(24)
    )
    ingest_polls(*polls)
    ingest_stores("a,,late", "c,,late")


@pytest.fixture
def ask(client):
    """Request a report, and build it, in shards if it is cut; return its row."""

    def ask(**body):
        asked = {"as_of": f"{AS_OF:%Y-%m-%dT%H:%M:%SZ}", "windows": "1h,24h", **body}
        answer = client.post(URL, asked, content_type="application/json")
        report = Report.objects.get(pk=answer.json()["id"])
        build_report(report.pk)
        for shard in report.shards.all():
            build_shard(shard.pk)
        if report.shards.exists():
            build_report(report.pk)
        report.refresh_from_db()
        assert report.status == "Complete"
        return report

    return ask


def text_of(report):
    with report.file.open("rb") as file:
        return file.read().decode()


def told(client, report):
    return client.get(f"{URL}{report.pk}/").json()


def test_a_report_says_what_was_excluded_and_why(ask, client):
    routers = made(**NIGHT)
    tills = made(scope="tag", tag=Tag.objects.get(), **NIGHT, reason="Tills", created_by="Ada")
    long_ago = {name: at - timedelta(days=30) for name, at in NIGHT.items()}
    made(**long_ago)
    answer = told(client, ask())

    said = {"count": 2, "reason": "New routers", "created_by": "a test"}
    assert answer["excluded"]["count"] == said.pop("count")
    assert answer["excluded"]["exclusions"] == [
        {"id": routers.pk, "scope": "fleet", **said},
        {"id": tills.pk, "scope": "tag:late", "reason": "Tills", "created_by": "Ada"},
    ]
    assert answer["excluded"]["windows"] == [
        {"window": "1h", "open_us": 4 * HOUR, "excluded_us": 0},
        {"window": "24h", "open_us": 4 * 24 * HOUR, "excluded_us": 4 * 6 * HOUR},
    ]
    with closing(client.get(f"{URL}{answer['id']}/download.json")) as file:
        assert json.loads(file.getvalue())["report"]["excluded"] == answer["excluded"]


def test_a_report_without_any_says_nothing(ask, client):
    assert told(client, ask())["excluded"] is None


def test_both_sides_of_the_share_lose_it(ask):
    before = text_of(ask(windows="24h"))
    made(**NIGHT)
    after = text_of(ask(windows="24h"))
    assert before.splitlines()[1:] == [
        "a,24.00,0.00",
        "b,24.00,0.00",
        "c,0.00,24.00",
        "d,0.00,24.00",
    ]
    assert after.splitlines()[1:] == [
        "a,18.00,0.00",
        "b,18.00,0.00",
        "c,0.00,18.00",
        "d,0.00,18.00",
    ]


def test_a_store_with_nothing_left_has_no_percentage(ask):
    made(starts_at=AS_OF - timedelta(days=2), ends_at=AS_OF)
    rows = text_of(ask(windows="24h", columns="full")).splitlines()
    place = rows[0].split(",").index("uptime_percentage_last_day")
    assert {row.split(",")[place] for row in rows[1:]} == {"n/a"}


def test_a_report_of_some_stores_tells_what_concerns_them(ask, client):
    made(scope="store", store=Store.objects.get(store_id="b"), **NIGHT, reason="B")
    made(scope="tag", tag=Tag.objects.get(), **NIGHT, reason="Late")
    some = told(client, ask(stores={"ids": ["a"]}))["excluded"]
    assert [one["reason"] for one in some["exclusions"]] == ["Late"]
    assert told(client, ask(stores={"ids": ["d"]}))["excluded"] is None


def test_shards_say_the_same(ask, settings):
    made(**NIGHT)
    made(scope="tag", tag=Tag.objects.get(), starts_at=AS_OF - timedelta(hours=12), ends_at=AS_OF)
    whole = ask(columns="full")
    settings.REPORT_SHARD_POLLS = 30
    parted = ask(columns="full")
    assert parted.shards.count() > 1
    assert text_of(parted) == text_of(whole)
    assert parted.excluded == whole.excluded


def test_the_page_and_the_admin_say_it_in_words(ask, client):
    reasons = ["Routers", "<b>Tills</b>", "Power", "Water"]
    for reason in reasons:
        made(**NIGHT, reason=reason)
    report = ask()
    client.force_login(get_user_model().objects.create_superuser("boss"))
    said = html.escape(
        "4 exclusions took 25.0 % of the open time of the last day:"
        " Routers; <b>Tills</b>; Power; and others."
    )
    for address in (f"/reports/{report.pk}/", f"/admin/reports/report/{report.pk}/change/"):
        assert said in client.get(address).content.decode()


def test_a_later_change_shows_only_in_a_new_report(ask, client):
    """Also one of time that is long past; the answer that is there stays as it was sent."""
    before = ask()
    bytes_before = text_of(before)
    row = made(**NIGHT)
    body = {"as_of": f"{AS_OF:%Y-%m-%dT%H:%M:%SZ}", "windows": "1h,24h", "reuse": True}
    answer = client.post(URL, body, content_type="application/json").json()
    assert not answer["reused"]
    after = ask()
    assert text_of(after) != bytes_before == text_of(before)
    Exclusion.objects.get(pk=row.pk).delete()
    assert text_of(ask()) == bytes_before
    after.refresh_from_db()
    assert after.excluded["exclusions"][0]["reason"] == "New routers"
