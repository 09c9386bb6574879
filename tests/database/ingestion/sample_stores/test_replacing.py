"""Real data replace the sample."""

from pathlib import Path
from unittest.mock import patch

import pytest

from feeds.errors import UnusableFile
from fleet.models import BusinessHours, Poll, Store, Tag
from fleet.versions import current_version
from ingestion.models import Ingestion
from reports.models import Report
from tests.database.files import (
    STATUS,
    csv,
    ingest,
    ingest_hours,
    ingest_polls,
    ingest_stores,
    ingest_time_zones,
)
from tests.database.ingestion.sample_stores.arriving import FILES, NEWER, OLDER, store_ids

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "arrives",
    [
        lambda: ingest_polls("real,active,2023-01-25 18:00:00 UTC"),
        lambda: ingest_polls("real,active,2025-01-25 18:00:00 UTC"),
        lambda: ingest_hours("real,0,09:00,17:00"),
        lambda: ingest_time_zones("real,Asia/Tokyo"),
        lambda: ingest_stores("real,A name,a tag"),
    ],
    ids=["older polls", "newer polls", "hours", "time zones", "names"],
)
def test_it_makes_way_for_real_data_of_any_feed(report, arrives):
    version = current_version()
    record = arrives()

    assert record.sample_stores_removed == 2
    assert Ingestion.objects.get(pk=record.pk).sample_stores_removed == 2
    assert set(Store.objects.values_list("store_id", "is_sample")) == {("real", False)}
    assert not Poll.objects.exclude(store__store_id="real").exists()
    assert not BusinessHours.objects.exclude(store__store_id="real").exists()
    assert not Tag.objects.filter(name="made-up").exists()
    assert not Report.objects.exists()
    assert not Path(report.file.path).exists()
    assert current_version() > version


def test_it_makes_way_once(sample):
    assert ingest(OLDER).sample_stores_removed == 2
    assert ingest_polls("more,active,2023-01-25 18:00:00 UTC").sample_stores_removed == 0
    assert store_ids() == {"real", "more"}


def test_a_report_is_as_of_the_real_data_that_are_older(report, client):
    ingest(OLDER)
    answer = client.post("/trigger_report").json()
    told = client.get("/get_report", {"report_id": answer["report_id"]}).json()
    assert told["as_of"].startswith("2023-01-25T18:00:00")
    assert "real,60.00,24.00," in told["report"]


def test_it_stays_where_nothing_could_be_stored(report):
    for bad in ("name,age", csv(STATUS), csv(STATUS, "real,asleep,yesterday")):
        with pytest.raises(UnusableFile):
            ingest(bad)
    assert store_ids() == {"one", "two"}
    assert Poll.objects.count() == 2
    assert Report.objects.get() == report
    assert Path(report.file.path).exists()


@pytest.mark.parametrize("broken", ["ingestion.services._load", "reports.build.ending._parts"])
def test_it_stays_whole_when_an_ingestion_fails_midway(report, broken):
    version = current_version()
    with patch(broken, side_effect=ValueError("midway")), pytest.raises(ValueError, match="midway"):
        ingest(OLDER)
    failed = Ingestion.objects.first()
    assert (failed.status, failed.sample_stores_removed) == (Ingestion.Status.FAILED, 0)
    assert set(Store.objects.values_list("store_id", "is_sample")) == {("one", True), ("two", True)}
    assert (Poll.objects.count(), BusinessHours.objects.count()) == (2, 1)
    assert Report.objects.get() == report
    assert Path(report.file.path).exists()
    assert current_version() == version


def test_a_real_store_may_have_the_id_of_a_sample_store(sample):
    before = Store.objects.get(store_id="one").key
    ingest_polls("one,inactive,2023-01-25 18:00:00 UTC", f"one,inactive,{NEWER}")

    store = Store.objects.get()
    assert (store.store_id, store.is_sample, store.name) == ("one", False, "")
    assert (store.time_zone_id, store.last_status) == (None, 0)
    assert store.key != before
    assert Poll.objects.count() == 2
    assert not BusinessHours.objects.exists()


def test_a_sample_store_that_somebody_edited_is_still_of_the_sample(sample, client):
    body = {"name": "Mine"}
    client.patch("/api/v1/stores/one/", body, content_type="application/json")
    body = {"name": "Made", "tags": ["by hand"], "time_zone": None, "business_hours": []}
    client.put("/api/v1/stores/made/", body, content_type="application/json")
    ingest(OLDER)
    assert store_ids() == {"made", "real"}
    assert Tag.objects.get().name == "by hand"


def test_its_own_files_may_come_in_again(report):
    record = ingest(FILES["polls.csv"], "again.csv")
    assert (record.rows_repeated, record.sample_stores_removed, record.is_sample) == (2, 0, True)
    assert Report.objects.get() == report
    Store.objects.get(store_id="two").delete()
    ingest(FILES["polls.csv"], "again.csv")
    assert Store.objects.get(store_id="two").is_sample


def test_it_does_not_come_in_beside_real_stores():
    ingest(OLDER)
    with pytest.raises(UnusableFile, match=r"polls\.csv: there are real stores"):
        ingest(FILES["polls.csv"], "polls.csv", is_sample=True)
    assert store_ids() == {"real"}


def test_it_becomes_ordinary_stores_where_it_is_to_be_kept(report):
    ingest(OLDER, keep_sample=True)
    record = ingest_polls("more,active,2023-01-25 18:00:00 UTC")
    assert record.sample_stores_removed == 0
    assert store_ids() == {"one", "two", "real", "more"}
    assert not Store.objects.filter(is_sample=True).exists()
    assert Report.objects.get() == report
