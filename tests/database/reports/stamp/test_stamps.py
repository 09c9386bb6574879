"""A report keeps its stamp, and tells it everywhere."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError

from fleet.models import BusinessHours, Poll, Store
from reports.build.services import build_report
from reports.build.shards import build_shard
from reports.offline import command as offline
from reports.poller.search import outages_found
from reports.request.parameters import question_of
from reports.stamp.words import NO_STAMP
from tests.database.answers import complete, queued
from tests.database.reports.poller.fleets import SILENT_AS_OF, ingest_silent_fleet
from tests.database.reports.stamp.making import ingest_feeds, made, requested, write_feeds

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/reports/"


def told(client, report):
    return client.get(f"{URL}{report.pk}/").json()


WANTED = {
    "classic": ({}, []),
    "full": (
        {"columns": "full", "windows": ["90m", "yesterday"]},
        ["--columns", "full", "--windows", "90m,yesterday"],
    ),
    "unknown in poller outages": (
        {"poller_outages": "unknown"},
        ["--in-poller-outages", "unknown"],
    ),
}


@pytest.mark.parametrize(("wanted", "options"), WANTED.values(), ids=WANTED)
def test_the_files_have_the_same_stamp(client, tmp_path, wanted, options):
    place = tmp_path / "stamp.json"
    folder = write_feeds(tmp_path / "feeds")
    target = ["-o", str(tmp_path / "report.csv")]
    assert offline.main([str(folder), "--stamp", str(place), *target, *options]) == 0

    stamp = json.loads(place.read_text())
    assert told(client, made(**wanted))["stamp"] == stamp
    assert stamp["data"]["business_hours"]["rows"] == 8
    assert stamp["data"]["stores"]["rows"] == stamp["row_count"] == 5


def test_neither_keys_nor_shards_make_a_difference(settings):
    whole = made().stamp
    assert whole["sha256"] == made().sha256
    Poll.objects.all().delete()
    Store.objects.all().delete()
    ingest_feeds()
    settings.REPORT_SHARD_POLLS = 1
    parted = made()

    assert parted.shards.count() > 1
    assert parted.stamp == whole


@pytest.mark.parametrize("choice", ["fill", "unknown"])
def test_what_nobody_polled_is_in_it_if_numbers_depend_on_it(settings, choice):
    ingest_silent_fleet()
    asked = {"as_of": SILENT_AS_OF, "poller_outages": choice}
    whole = made(**asked)
    outages_found(question_of(whole))
    settings.REPORT_SHARD_POLLS = 100
    parted = made(**asked)

    assert parted.shards.count() > 1
    assert parted.stamp == whole.stamp
    assert whole.stamp["policy"]["poller_outages"] == choice
    assert (whole.stamp["data"]["silences"]["rows"] > 0) == (choice == "unknown")


def test_it_is_of_the_chosen_stores_and_the_data_that_were_read():
    some = made(stores={"ids": ["b", "bare"]}).stamp
    assert some["stores"] == {"id_count": 2}
    assert some["data"]["stores"]["rows"] == 2
    assert some["data"]["polls"]["rows"] == 3
    tagged = made(stores={"tag": "airport"}).stamp
    assert tagged["stores"] == {"tag": "airport"}
    report = made()
    assert report.stamp["stores"] is None
    BusinessHours.objects.all().delete()
    report.refresh_from_db()
    assert report.stamp["data"]["business_hours"]["rows"] == 8


@pytest.mark.parametrize("stamp", [None, {"policy": {}, "data": {}}])
def test_shards_of_different_versions_have_no_stamp_together(settings, caplog, stamp):
    settings.REPORT_SHARD_POLLS = 1
    report = requested()
    build_report(report.pk)
    for shard in report.shards.all():
        build_shard(shard.pk)
    first = report.shards.first()
    report.shards.filter(pk=first.pk).update(stamp=stamp)

    assert build_report(report.pk).stamp is None
    assert "different versions computed its shards" in caplog.text


def test_lists_leave_it_out(client):
    made()
    [report] = client.get(URL).json()["results"]
    assert "stamp" not in report


def test_only_a_complete_report_has_one(client):
    assert told(client, queued())["stamp"] is None
    with pytest.raises(IntegrityError):
        queued(stamp={})


def test_pages_say_it_in_words(client):
    report = made(columns="full")
    client.force_login(get_user_model().objects.create_superuser("boss"))
    for address in (f"/reports/{report.pk}/", f"/admin/reports/report/{report.pk}/change/"):
        page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).content.decode()))
        assert "as at the nearest poll" in page
        assert f"tzdata {report.stamp['tzdata']}" in page
        assert "6 polls; SHA-256" in page


def test_one_from_before_the_upgrade_has_none_and_says_so(client):
    report = complete()
    assert told(client, report)["stamp"] is None
    client.force_login(get_user_model().objects.create_superuser("boss"))
    for address in (f"/reports/{report.pk}/", f"/admin/reports/report/{report.pk}/change/"):
        assert NO_STAMP in client.get(address).content.decode()
