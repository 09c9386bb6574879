"""The excluded time of a few stores, in the form that ``./run report --exclusions`` reads."""

import csv
import io

from django.db.models import QuerySet

from feeds.values import EARLIEST, LATEST
from fleet.exclusions.finding import Stretch, concerning, touching
from fleet.models import Store
from uptime import Question
from uptime.explain.words import utc
from uptime.instants import from_microseconds, to_microseconds

# No feed, so it does not end in .csv.
NAME = "exclusions.txt"


def excluded_of(question: Question, stores: QuerySet[Store]) -> dict[str, bytes]:
    """Return the file by its name; nothing if no time is excluded."""
    start, end = from_microseconds(question.first_poll), from_microseconds(question.as_of + 1)
    rows = [
        (store.store_id, *map(utc, _readable(stretch)), one.exclusion.reason)
        for store in stores.order_by("store_id")
        for one in touching(concerning(store), start, end)
        for stretch in one.stretches
    ]
    if not rows:
        return {}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("store_id", "from", "to", "reason"))
    writer.writerows(rows)
    return {NAME: text.getvalue().encode()}


def _readable(stretch: Stretch) -> tuple[int, int]:
    """Return a stretch without what is before and after the years that files may have.

    No poll lies in those, and an exclusion may have been made to last for ever.
    """
    start, end = map(to_microseconds, stretch)
    return max(start, EARLIEST), min(end, LATEST)
