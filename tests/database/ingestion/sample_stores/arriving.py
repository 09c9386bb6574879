"""The sample makes way for the first real data, whatever way they come in, and leaves no trace."""

import io

from django.core.management import call_command

from fleet.models import Store
from tests.database.files import (
    HOURS,
    STATUS,
    csv,
)

NEWER = "2024-03-13 18:00:00 UTC"


OLDER = csv(STATUS, "real,active,2023-01-25 18:00:00 UTC")


FILES = {
    "polls.csv": csv(STATUS, f"one,active,{NEWER}", f"two,inactive,{NEWER}"),
    "hours.csv": csv(HOURS, "one,0,09:00,17:00"),
    "zones.csv": csv("store_id,timezone_str", "one,Asia/Tokyo"),
    "stores.csv": csv("store_id,name,tags", "one,First,made-up"),
}


def store_ids():
    return set(Store.objects.values_list("store_id", flat=True))


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("ingest", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()
