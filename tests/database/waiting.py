"""Files that wait for a worker: making and inspecting them."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ingestion.models import Ingestion
from ingestion.queue import queued
from tests.database.files import STATUS, csv

POLLS = csv(STATUS, *(f"a,active,2024-01-15 09:00:{n % 60:02}.{n:06} UTC" for n in range(500)))
PAST = timedelta(seconds=-1)


def waiting(text=POLLS):
    upload = SimpleUploadedFile("polls.csv", text.encode())
    return queued.request_ingestion(upload, name="polls.csv", requested_by="a test")


def uploads():
    return default_storage.listdir("uploads")[1]


def run_out(record):
    Ingestion.objects.filter(pk=record.pk).update(lease_expires_at=timezone.now() + PAST)


def status(record):
    record.refresh_from_db()
    return record.status
