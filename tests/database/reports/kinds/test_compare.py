"""Two reports compared: only what changed beyond the margins, largest first."""

import uuid
from datetime import datetime

import pytest

from reports.models import Report
from reports.request.starting import start_report
from tests.database.answers import complete
from tests.database.files import ingest_polls
from tests.database.reports.kinds.asking import NOON, built

pytestmark = pytest.mark.django_db(transaction=True)
AS_OF = datetime.fromisoformat(NOON)


def compare(client, after, before, **query):
    query = {"with": before if isinstance(before, str) else str(before.pk), **query}
    return client.get(f"/api/v1/reports/{after.pk}/compare/", query)


def both(columns, *late, windows=("12h",)):
    """The same report before and after some late polls."""
    asked = {"as_of": AS_OF, "windows": windows, "columns": columns}
    before = built(**asked)
    ingest_polls(*late)
    return before, built(**asked)


# One an hour off a whole hour, which only moves a border; and a down time of many hours of =b.
LITTLE = [f"a,active,2024-01-15 {hour}" for hour in ("08:59:00",)]
MUCH = [f"=b,active,2024-01-15 {hour:02d}:30:00" for hour in range(6, 12)] + [
    f"=b,active,2024-01-15 {hour:02d}:15:00" for hour in range(6, 12)
]


def test_late_polls_show_as_a_change_of_an_earlier_report(client):
    before, after = both("full", *LITTLE, *MUCH)
    answer = compare(client, after, before).json()
    assert (answer["by_margins"], answer["windows"], answer["asked_differently"]) == (
        *(True, ["12h"]),
        [],
    )
    assert (answer["changed"], answer["within_margins"], answer["same"]) == (1, 1, 1)
    [change] = answer["changes"]
    assert (change["store_id"], change["window"], change["unit"]) == ("=b", "12h", "hours")
    assert change["uptime"]["before"] == 5.5
    assert change["uptime"]["change"] == -change["downtime"]["change"] > change["margins"] > 0


def test_without_margins_every_difference_counts_the_largest_first(client):
    before, after = both("classic", *LITTLE, *MUCH, windows=("12h", "1h", "3h"))
    answer = compare(client, after, before).json()
    assert (answer["by_margins"], answer["changed"], answer["within_margins"]) == (False, 2, 0)
    told = [(one["store_id"], one["window"]) for one in answer["changes"]]
    assert told == [("=b", "12h"), ("=b", "3h"), ("=b", "1h"), ("a", "12h")]
    assert {one["margins"] for one in answer["changes"]} == {None}
    assert answer["changes"][2]["unit"] == "minutes"
    limited = compare(client, after, before, limit=1).json()
    assert (limited["changes"], limited["change_count"]) == (answer["changes"][:1], 4)


def test_stores_in_one_report_only_are_named(client):
    before, after = both("full", "d,active,2024-01-15 03:00:00")
    answer = compare(client, after, before).json()
    assert answer["only_after"] == {"count": 1, "store_ids": ["d"]}
    assert answer["only_before"] == {"count": 0, "store_ids": []}
    back = compare(client, before, after).json()
    assert back["only_before"] == {"count": 1, "store_ids": ["d"]}
    assert (back["changes"], back["same"]) == ([], 3)


def test_only_the_windows_of_both_are_compared_and_it_says_what_was_asked_differently(client):
    before = built(as_of=AS_OF, windows=["1h", "12h"], stores={"tag": "north"}, columns="full")
    after = built(as_of=AS_OF, windows=["24h", "12h"])
    answer = compare(client, after, before).json()
    assert answer["windows"] == ["12h"]
    assert answer["asked_differently"] == ["columns", "stores"]
    assert answer["by_margins"] is False
    assert answer["only_after"] == {"count": 1, "store_ids": ["c"]}


def test_it_refuses_what_it_cannot_compare(client):
    report = built(as_of=AS_OF, windows=["12h"])
    others = {
        "has no window in common": built(as_of=AS_OF, windows=["24h"]),
        "is of kind rollup": built(as_of=AS_OF, windows=["12h"], kind="rollup"),
    }
    for reason, other in others.items():
        answer = compare(client, report, other)
        [fault] = answer.json()["errors"]
        assert (answer.status_code, fault["field"]) == (422, "with")
        assert reason.removeprefix("has ") in fault["detail"]
    unknown = compare(client, report, str(uuid.uuid4()))
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "with")
    assert compare(client, report, "that one").status_code == 400
    assert compare(client, report, report, limit=0).status_code in (400, 422)
    queued = start_report(as_of=AS_OF, windows=["12h"], requested_by="a test")
    for pair in ((report, queued), (queued, report)):
        assert compare(client, *pair).json()["code"] == "report_running"


def test_the_page_lists_only_what_is_beyond_the_margins(client):
    before, after = both("full", *LITTLE, *MUCH)
    query = {"since": str(before.pk), "column": "uptime_last_12h(in hours)"}
    text = client.get(f"/reports/{after.pk}/", query).content.decode()
    assert "1 store differs" in text
    assert "and 1 within them" in text


def test_a_damaged_file_is_said(client):
    before, after = both("full", *LITTLE)
    Report.objects.filter(pk=before.pk).update(size=1)
    assert compare(client, after, before).json()["code"] == "file_damaged"
    other = complete("store_id,up\na,1\n", windows=["12h"])
    assert compare(client, after, other).json()["code"] == "file_damaged"
