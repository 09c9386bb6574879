"""Reports say when nobody polled, and leave that time unknown if asked to."""

import json
import re
from contextlib import closing

import pytest
from django.contrib.auth import get_user_model

from reports import tasks
from reports.build.services import build_report
from reports.build.shards import build_shard
from reports.models import Report
from reports.offline import command as offline
from reports.poller.search import outages_found
from reports.request.parameters import question_of
from tests.database.files import STATUS, STORES, TIME_ZONES, csv, write
from tests.database.reports.poller.fleets import FLEET, LATE, ingest_silent_fleet, polls

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/reports/"
HOUR = 3_600_000_000
OPEN = 16 * 24 * HOUR
# From 07:15 to 12:00 for sixteen stores, and to 14:08 for eight of them.
WITHIN = 16 * 285 * HOUR // 60 + 8 * 128 * HOUR // 60
AS_OF = "2024-01-12T00:00:00Z"


@pytest.fixture(autouse=True)
def _no_messages(monkeypatch):
    monkeypatch.setattr(tasks, "enqueue", lambda report: None)


@pytest.fixture
def ask(client):
    """Request a report of a day, and build it, in shards if it is cut; return its row."""
    ingest_silent_fleet()

    def ask(**body):
        asked = {"as_of": AS_OF, "windows": "24h", "columns": "full", **body}
        answer = client.post(URL, asked, content_type="application/json")
        assert answer.status_code == 202, answer.content
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
        return file.read()


def told(client, report):
    return client.get(f"{URL}{report.pk}/").json()


def test_a_report_says_when_nobody_polled(ask, client):
    answer = told(client, ask())

    assert answer["poller_outages"] == "fill"
    assert answer["nobody_polled"] == {
        "outages": [FLEET, LATE],
        "windows": [{"window": "24h", "open_us": OPEN, "in_outages_us": WITHIN}],
    }
    with closing(client.get(f"{URL}{answer['id']}/download.json")) as file:
        assert json.loads(file.getvalue())["report"]["nobody_polled"] == answer["nobody_polled"]


def test_it_says_so_of_those_that_touch_its_windows(ask, client):
    [outage] = told(client, ask(windows="11h"))["nobody_polled"]["outages"]
    assert outage == LATE
    assert told(client, ask(windows="9h"))["nobody_polled"]["outages"] == []


def test_the_page_and_the_admin_say_it_in_words(ask, client):
    report = ask()
    client.force_login(get_user_model().objects.create_superuser("boss"))
    said = (
        "Nobody was polled from 11 Jan 2024 07:15 to 11 Jan 2024 12:00; from 11 Jan 2024 12:00"
        " to 11 Jan 2024 14:08 in the tag late (UTC)."
    )
    for address in (f"/reports/{report.pk}/", f"/admin/reports/report/{report.pk}/change/"):
        page = re.sub(r"\s+", " ", client.get(address).content.decode())
        assert said in page
        assert "24.2 % of the open time of the last day was filled across it." in page


def test_their_time_is_unknown_on_request(ask, client):
    filled, unknown = ask(), ask(poller_outages="unknown")

    assert told(client, unknown)["poller_outages"] == "unknown"
    assert told(client, unknown)["nobody_polled"] == told(client, filled)["nobody_polled"]
    assert b",19.25," in text_of(unknown)
    assert b",19.25," not in text_of(filled)
    page = client.get(f"/reports/{unknown.pk}/").content.decode()
    assert "is unknown because of it" in page
    assert "unknown where nobody polled" in page


@pytest.mark.parametrize("choice", ["fill", "unknown"])
def test_the_bytes_are_those_of_the_files(ask, choice, tmp_path):
    folder = write(
        tmp_path / "feeds",
        polls=csv(STATUS, *polls(range(8), range(8, 12)), *polls(range(8, 16), range(8, 14))),
        stores=csv(STORES, *(f"s{n},,late" for n in range(8, 16))),
        zones=csv(TIME_ZONES, *(f"s{n},UTC" for n in range(16))),
    )
    target = tmp_path / "report.csv"
    options = ("--as-of", AS_OF, "--windows", "24h", "--columns", "full", "-o", str(target))
    assert offline.main([str(folder), "--in-poller-outages", choice, *options]) == 0

    assert text_of(ask(poller_outages=choice)) == target.read_bytes()


@pytest.mark.parametrize("choice", ["fill", "unknown"])
def test_shards_say_the_same(ask, client, settings, choice):
    whole = ask(poller_outages=choice)
    outages_found(question_of(whole))
    settings.REPORT_SHARD_POLLS = 100
    parted = ask(poller_outages=choice)

    assert parted.shards.count() > 1
    assert text_of(parted) == text_of(whole)
    assert parted.nobody_polled == whole.nobody_polled


def test_some_stores_have_the_same_numbers_as_in_all(ask, client):
    whole = text_of(ask(poller_outages="unknown")).splitlines()
    some = ask(poller_outages="unknown", stores={"ids": ["s1", "s9"]})

    assert text_of(some).splitlines() == [
        line for line in whole if line.split(b",")[0] in {b"store_id", b"s1", b"s9"}
    ]
    assert told(client, some)["nobody_polled"]["outages"] == [FLEET, LATE]
    early = ask(poller_outages="unknown", stores={"ids": ["s1"]})
    assert told(client, early)["nobody_polled"]["outages"] == [FLEET]


def test_a_filled_report_of_some_stores_says_what_is_already_known(ask):
    """It does not read the polls of all others for it."""
    some = {"stores": {"ids": ["s1"]}}
    before = ask(**some)
    assert before.nobody_polled is None

    outages_found(question_of(before))
    assert ask(**some).nobody_polled["outages"] == [FLEET]


def test_the_choice_makes_another_report(ask, client):
    ask()
    body = {"as_of": AS_OF, "windows": "24h", "columns": "full", "reuse": True}
    answers = [
        client.post(URL, {**body, **more}, content_type="application/json")
        for more in ({}, {"poller_outages": "fill"}, {"poller_outages": "unknown"})
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 202]


def test_it_refuses_another_choice(client):
    ingest_silent_fleet()
    answer = client.post(URL, {"poller_outages": "guess"}, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "poller_outages"
