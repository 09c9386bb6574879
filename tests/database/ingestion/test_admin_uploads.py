"""Uploads in the admin: kept for a worker, followed, tried again; and their rejected rows."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from fleet.models import BusinessHours, Poll, Store
from ingestion.models import Ingestion
from ingestion.queue import queued
from tests.database.admin_pages import messages, text
from tests.database.files import HOURS, STATUS, TIME_ZONES, csv

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("told")]

INGESTIONS = "/admin/ingestion/ingestion/"
POLLS = csv(STATUS, "a,active,2023-01-22 12:09:39.388884 UTC", "a,active,never")


def upload(client, *texts: str, **values: str):
    files = [
        SimpleUploadedFile(f"{number}.csv", text.encode()) for number, text in enumerate(texts)
    ]
    return client.post(
        f"{INGESTIONS}add/", {"uploads": files, "whole": "True", **values}, follow=True
    )


def failed_with_file(**values) -> Ingestion:
    kept = default_storage.save("uploads/1", ContentFile(POLLS.encode()))
    given = {"name": "a.csv", "status": "Failed", "error": "the disk is full", "upload": kept}
    return Ingestion.objects.create(**{**given, "enqueued_at": "2023-01-25T00:00Z", **values})


def test_it_takes_several_files_whatever_feed_they_are(admin_client, told):
    hours, zones = csv(HOURS, "a,0,09:00:00,17:00:00"), csv(TIME_ZONES, "a,Asia/Beirut")
    response = upload(admin_client, POLLS, hours, zones)
    records = list(Ingestion.objects.order_by("pk"))
    assert [record.status for record in records] == ["Queued"] * 3
    assert [record.pk for record in records] == told
    assert {record.requested_by for record in records} == {"admin"}
    chosen = "%2C".join(str(record.pk) for record in records)
    assert response.redirect_chain[-1][0] == f"{INGESTIONS}?pk__in={chosen}"
    for record in records:
        queued.ingest_upload(record.pk)
    assert [record.feed for record in Ingestion.objects.order_by("pk")] == [
        "status",
        "hours",
        "timezones",
    ]
    assert (Poll.objects.count(), BusinessHours.objects.count()) == (1, 1)
    assert Store.objects.get().time_zone_id == "Asia/Beirut"


def test_it_shows_what_was_uploaded_until_all_of_it_is_done(admin_client):
    waiting = upload(admin_client, POLLS)
    assert 'http-equiv="refresh"' in waiting.content.decode()
    assert "0.csv" in text(waiting)
    record = Ingestion.objects.get()
    assert (
        'http-equiv="refresh"'
        in admin_client.get(f"{INGESTIONS}{record.pk}/change/").content.decode()
    )
    queued.ingest_upload(record.pk)
    for address in (f"{INGESTIONS}?pk__in={record.pk}", f"{INGESTIONS}{record.pk}/change/"):
        assert 'http-equiv="refresh"' not in admin_client.get(address).content.decode()


def test_it_leaves_the_whole_list_alone(admin_client):
    upload(admin_client, POLLS)
    assert 'http-equiv="refresh"' not in admin_client.get(INGESTIONS).content.decode()


def test_it_shows_which_rows_were_rejected_and_why(admin_client):
    upload(admin_client, POLLS)
    record = Ingestion.objects.get()
    queued.ingest_upload(record.pk)
    page = text(admin_client.get(f"{INGESTIONS}{record.pk}/change/"))
    assert "Rejected rows" in page
    assert "0.csv 3 timestamp_utc never" in page


def test_it_shows_the_first_of_many_rejected_rows(admin_client):
    bad = [f"a,active,never-{number}-" for number in range(30)]
    upload(admin_client, csv(STATUS, "a,active,2023-01-22 12:09:39 UTC", *bad))
    record = Ingestion.objects.get()
    queued.ingest_upload(record.pk)
    page = text(admin_client.get(f"{INGESTIONS}{record.pk}/change/"))
    assert "The first 20 rejected rows" in page
    assert "never-19-" in page
    assert "never-20-" not in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"whole": ""}, "The upload was cut off."),
        ({"uploads": ""}, "This field is required."),
    ],
)
def test_it_refuses_what_is_no_whole_upload(admin_client, told, values, sentence):
    assert sentence in text(upload(admin_client, POLLS, **values))
    assert not Ingestion.objects.exists()
    assert not told


def test_it_refuses_empty_files_and_too_large_ones(admin_client, settings):
    assert "The submitted file is empty." in text(upload(admin_client, POLLS, ""))
    settings.MAX_UPLOAD_BYTES = 10
    assert "0.csv is larger than the 10 bytes allowed." in text(upload(admin_client, POLLS))
    assert not Ingestion.objects.exists()


def test_it_says_that_files_could_not_be_queued(admin_client, unreachable):
    response = upload(admin_client, POLLS, POLLS)
    assert [message.partition(":")[0] for message in messages(response)] == ["0.csv", "1.csv"]
    assert {record.status for record in Ingestion.objects.all()} == {"Failed"}


def test_it_tries_again_what_failed_and_was_kept(admin_client, told):
    record = failed_with_file()
    page = admin_client.get(f"{INGESTIONS}{record.pk}/change/").content.decode()
    assert f'action="{INGESTIONS}{record.pk}/again/"' in page
    response = admin_client.post(f"{INGESTIONS}{record.pk}/again/", follow=True)
    assert messages(response) == ["a.csv was queued again."]
    assert told == [record.pk]
    queued.ingest_upload(record.pk)
    record.refresh_from_db()
    assert (record.status, record.rows_new) == ("Complete", 1)


def test_it_tries_several_again_and_says_of_which_it_cannot(admin_client, told):
    kept, lost = failed_with_file(), failed_with_file(name="b.csv", upload="")
    chosen = {"action": "try_again", "_selected_action": [kept.pk, lost.pk]}
    response = admin_client.post(INGESTIONS, chosen, follow=True)
    assert told == [kept.pk]
    assert sorted(messages(response))[1].startswith("b.csv: only failed ingestions")


def test_it_keeps_the_file_where_the_broker_is_away(admin_client, unreachable):
    record = failed_with_file()
    response = admin_client.post(f"{INGESTIONS}{record.pk}/again/", follow=True)
    assert "broker cannot be reached" in messages(response)[0]
    record.refresh_from_db()
    assert record.status == "Failed"
    assert default_storage.exists(record.upload.name)
