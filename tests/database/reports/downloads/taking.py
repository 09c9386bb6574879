"""A report as a file: in every form, whole or in part, packed or not, or not again."""

import pytest
from django.urls import reverse

from tests.database.answers import release

UP, DOWN = "uptime_last_day(in hours)", "downtime_last_day(in hours)"


TEXT = f"store_id,{UP},{DOWN}\n'=1+1,1.00,23.00\nb,22.50,1.50\n"


MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


EVERY = pytest.mark.parametrize("suffix", MEDIA_TYPES)


def path(report, suffix=None):
    """The address that leaves the form to Accept, or the one of a form."""
    if suffix is None:
        return reverse("report-download", args=[report.pk])
    return reverse("report-download-as", args=[report.pk, suffix])


def body(response):
    try:
        return response.getvalue()
    finally:
        release(response)


def whole(client, report, suffix):
    return body(client.get(path(report, suffix)))


def taken(client, report, suffix):
    response = client.get(path(report, suffix))
    release(response)
    return response
