"""/api/v1/special_days/: list, add, change and delete."""

from datetime import date, time
from functools import partial

import pytest
from django.test import Client

from access.models import AuditEntry
from fleet.models import SpecialDay, Store, Tag
from fleet.versions import current_version
from tests.database.files import ingest_polls, ingest_special_days, ingest_stores
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/special_days/"
CHRISTMAS = {"scope": "fleet", "date": "2026-12-25", "reason": " Christmas "}


def sent(client, method, body, url=URL):
    return getattr(client, method)(url, body, content_type="application/json")


def added(client, **values):
    answer = sent(client, "post", {**CHRISTMAS, **values})
    assert answer.status_code == 201, answer.content
    return answer.json()


def faults(answer):
    return {one["field"]: one["detail"] for one in answer.json()["errors"]}


@pytest.fixture
def stores():
    ingest_stores("a,,airport", "x:y,,mall")


def test_it_adds_a_day_that_is_closed(client):
    answer = sent(client, "post", CHRISTMAS)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert answer.headers["Location"] == f"http://testserver{URL}{told['id']}/"
    assert told == {
        "id": told["id"],
        "scope": "fleet",
        "date": "2026-12-25",
        "opens": None,
        "closes": None,
        "reason": "Christmas",
        "made_by": "API from 127.0.0.1",
        "made_at": told["made_at"],
    }
    assert client.get(f"{URL}{told['id']}/").json() == told
    entry = AuditEntry.objects.get()
    assert entry.detail["added_day"] == "fleet 2026-12-25 closed Christmas"
    assert "fleet.SpecialDay" in entry.detail["changed"]


@pytest.mark.parametrize("scope", ["fleet", "tag:airport", "store:a", "store:x:y"])
def test_it_adds_each_opening_of_a_day(client, stores, scope):
    first = added(client, scope=scope, opens="09:00", closes="12:30:00.5")
    second = added(client, scope=scope, opens="22:00", closes="24:00", reason="")
    assert (first["opens"], first["closes"], first["scope"]) == (
        "09:00:00",
        "12:30:00.500000",
        scope,
    )
    assert (second["opens"], second["closes"], second["reason"]) == ("22:00:00", "00:00:00", "")
    assert client.get(URL).json()["results"] == [first, second]


def test_the_same_row_again_changes_nothing(client):
    told = added(client)
    version = current_version()
    answer = sent(client, "post", {**CHRISTMAS, "opens": None, "closes": None})
    assert (answer.status_code, answer.json()) == (200, told)
    assert current_version() == version
    assert "changed" not in AuditEntry.objects.order_by("pk").last().detail


@pytest.mark.parametrize(
    ("there", "new", "reason"),
    [
        (
            {"opens": "09:00", "closes": "12:00"},
            {},
            "fleet has opening times on 2026-12-25 already: delete or change that.",
        ),
        (
            {},
            {"opens": "09:00", "closes": "12:00"},
            "fleet is closed on 2026-12-25 already: delete or change that.",
        ),
        (
            {},
            {"reason": "Xmas"},
            "fleet has this row for 2026-12-25 already, for another reason: change that.",
        ),
    ],
)
def test_a_row_that_contradicts_another_is_refused(client, there, new, reason):
    told = added(client, **there)
    answer = sent(client, "post", {**CHRISTMAS, **new})
    assert answer.status_code == 409
    assert answer.json()["code"] == "special_day_conflict"
    assert answer.json()["detail"] == reason
    assert answer.json()["special_days"] == [told["id"]]
    other = added(client, date="2026-12-26", **new)
    answer = sent(client, "patch", {"date": "2026-12-25"}, f"{URL}{other['id']}/")
    assert (answer.status_code, answer.json()["special_days"]) == (409, [told["id"]])
    assert SpecialDay.objects.count() == 2


def test_another_scope_may_say_otherwise(client, stores):
    added(client)
    added(client, scope="tag:airport", opens="09:00", closes="12:00")
    added(client, scope="store:a")
    assert SpecialDay.objects.count() == 3


@pytest.mark.parametrize(
    ("values", "status", "field", "reason"),
    [
        ({"scope": "store:nobody"}, 422, "scope", "There is no store 'nobody'."),
        ({"scope": "tag:none"}, 422, "scope", "There is no tag 'none'."),
        ({"scope": "store:"}, 400, "scope", "Must be fleet, tag:NAME or store:ID."),
        ({"scope": "zone:UTC"}, 400, "scope", "Must be fleet, tag:NAME or store:ID."),
        ({"scope": None}, 400, "scope", "This field may not be null."),
        ({"date": "1999-12-31"}, 422, "date", "Must lie between 2000-01-01 and 2100-12-31."),
        ({"opens": "09:00"}, 422, "closes", "Give both times, or neither for a closed day."),
        ({"closes": "09:00"}, 422, "opens", "Give both times, or neither for a closed day."),
        ({"reason": "r" * 201}, 400, "reason", f"'{'r' * 50}' is longer than 200 characters."),
        ({"made_by": "me"}, 400, "", "Unknown field 'made_by'; known: "),
    ],
)
def test_it_names_what_is_wrong(client, values, status, field, reason):
    answer = sent(client, "post", {**CHRISTMAS, **values})
    assert answer.status_code == status, answer.content
    assert faults(answer)[field].startswith(reason)
    assert not SpecialDay.objects.exists()


def test_it_needs_scope_and_date(client):
    answer = sent(client, "post", {})
    assert answer.status_code == 400
    assert set(faults(answer)) == {"scope", "date"}


def test_it_changes_what_is_given(client):
    told = added(client, opens="09:00", closes="12:00")
    address = f"{URL}{told['id']}/"
    answer = sent(client, "patch", {"closes": "14:00"}, address)
    assert answer.json() == {**told, "closes": "14:00:00"}
    answer = sent(client, "patch", {"opens": None, "closes": None, "reason": ""}, address)
    assert answer.json() == {**told, "opens": None, "closes": None, "reason": ""}
    assert client.get(address).json() == answer.json()
    assert AuditEntry.objects.order_by("pk").last().detail["into"] == "fleet 2026-12-25 closed"
    version = current_version()
    assert sent(client, "patch", {"reason": ""}, address).status_code == 200
    assert current_version() == version


def test_a_change_may_not_leave_one_time(client):
    told = added(client, opens="09:00", closes="12:00")
    answer = sent(client, "patch", {"closes": None}, f"{URL}{told['id']}/")
    assert answer.status_code == 422
    assert faults(answer) == {"closes": "Give both times, or neither for a closed day."}


def test_it_deletes_one(client):
    told = added(client)
    address = f"{URL}{told['id']}/"
    assert client.delete(address).status_code == 204
    assert (
        AuditEntry.objects.order_by("pk").last().detail["deleted_day"]
        == "fleet 2026-12-25 closed Christmas"
    )
    for answer in (
        client.get(address),
        client.delete(address),
        sent(client, "patch", {"reason": "x"}, address),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (
            404,
            "There is no such special day.",
        )


def test_it_lists_by_date_what_meets_all_filters(client, stores):
    ingest_special_days("a,2026-12-24,09:00,12:00,", "x:y,2026-12-26,,,")
    airport = Tag.objects.get(name="airport")
    SpecialDay.objects.create(date=date(2026, 12, 25), tag=airport, made_by="x")
    SpecialDay.objects.create(date=date(2027, 1, 1), made_by="x")

    def listed(query):
        rows = client.get(URL + query).json()["results"]
        return [f"{row['scope']} {row['date'][5:]}" for row in rows]

    every = ["store:a 12-24", "tag:airport 12-25", "store:x:y 12-26", "fleet 01-01"]
    assert listed("") == every
    assert listed("?from=2026-12-25&to=2026-12-26") == every[1:3]
    assert listed("?store=a") == every[:1]
    assert listed("?tag=airport") == every[1:2]
    assert listed("?scope=fleet") == every[3:]
    assert listed("?scope=tag") == every[1:2]
    assert listed("?scope=store&to=2026-12-25") == every[:1]
    assert listed("?store=nobody") == []
    assert client.get(f"{URL}?from=tomorrow").status_code == 400
    assert client.get(f"{URL}?zone=UTC").status_code == 400


def test_it_lists_in_pages(client):
    days = [date(2026, 1 + number // 28, 1 + number % 28) for number in range(130)]
    SpecialDay.objects.bulk_create(SpecialDay(date=day, made_by="x") for day in days)
    SpecialDay.objects.bulk_create(
        SpecialDay(date=days[99], opens=time(hour), closes=time(hour), made_by="x")
        for hour in range(3)
    )
    first = client.get(URL).json()
    second = client.get(first["next"]).json()
    assert second["next"] is None
    listed = [row["id"] for row in first["results"] + second["results"]]
    assert listed == list(SpecialDay.objects.values_list("pk", flat=True))
    assert len(listed) == 133


def test_of_the_same_row_at_once_one_is_made():
    answers = at_once(*[partial(sent, Client(), "post", CHRISTMAS) for _ in range(2)])
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert SpecialDay.objects.count() == 1


def test_a_store_tells_the_days_that_count_for_it(client, stores):
    ingest_polls("a,active,2023-12-20 09:00:00 UTC")
    for number in (19, 20):
        SpecialDay.objects.create(date=date(2023, 11, number), made_by="x")
    added(client, date="2023-12-25")
    added(client, date="2023-12-26")
    short = added(client, scope="tag:airport", date="2023-12-25", opens="09:00", closes="12:00")
    Tag.objects.get(name="airport").stores.add(Store.objects.get(store_id="x:y"))
    own = added(client, scope="store:a", date="2023-12-26", opens="10:00", closes="11:00")
    added(client, scope="tag:mall", date="2023-12-25", opens="09:00", closes="12:00")
    later = added(client, scope="tag:mall", date="2023-12-25", opens="14:00", closes="15:00")

    def told(store):
        days = client.get(f"/api/v1/stores/{store}/").json()["special_days"]
        return [(day["date"][5:], day["scope"], day["opens"], day["id"]) for day in days]

    november = ("11-20", "fleet", None, SpecialDay.objects.get(date=date(2023, 11, 20)).pk)
    assert told("a") == [
        november,
        ("12-25", "tag:airport", "09:00:00", short["id"]),
        ("12-26", "store:a", "10:00:00", own["id"]),
    ]
    assert told("x:y")[1:3] == [
        ("12-25", "tag:airport", "09:00:00", short["id"]),
        ("12-25", "tag:mall", "14:00:00", later["id"]),
    ]
    assert told("x:y")[3][:3] == ("12-26", "fleet", None)
