"""Exclusions in the admin: made by form, told in words, and shown on the pages of a store."""

import html
from datetime import UTC, datetime, timedelta

import pytest

from fleet.models import Exclusion, Tag
from stores.exclusions.words import when_in_words
from tests.database.admin_pages import NEWEST, STORES, member_of, polled, text
from tests.database.fleet.exclusions import SUNDAYS, exclusion, made

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/admin/fleet/exclusion/"
EMPTY = dict.fromkeys(
    (
        "store",
        "tag",
        "starts_at_0",
        "starts_at_1",
        "ends_at_0",
        "ends_at_1",
        "rule",
        "first_date",
        "start_time",
        "duration_us",
        "time_zone",
        "reason",
    ),
    "",
)
WEEKLY = {
    "scope": "tag",
    "tag": "night",
    "rule": "freq=weekly;byday=su",
    "first_date": "2024-01-01",
    "start_time": "03:00",
    "duration_us": "1h",
    "time_zone": "America/Chicago",
    "reason": "Updates",
}
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}\u202e"


def post(client, url=f"{URL}add/", **values):
    return client.post(url, {**EMPTY, **values}, follow=True)


def test_a_recurrence_is_made_by_form(admin_client):
    Tag.objects.create(name="night")
    assert post(admin_client, **WEEKLY).status_code == 200
    row = Exclusion.objects.get()
    assert (row.scope_text, row.rule, row.created_by) == (
        "tag:night",
        SUNDAYS["rule"],
        "admin",
    )
    page = text(admin_client.get(f"{URL}{row.pk}/change/"))
    assert "every week on Sunday at 03:00 for 1 h, America/Chicago, from 2024-01-01 on" in page
    assert page.count("03:00 to 04:00 America/Chicago (Sun ") == 3


def test_one_interval_is_made_for_a_store_and_changed(admin_client):
    polled("a", NEWEST)
    once = {
        "scope": "store",
        "store": "a",
        "starts_at_0": "2023-01-25",
        "starts_at_1": "09:00",
        "ends_at_0": "2023-01-25",
        "ends_at_1": "11:00",
        "reason": "Power",
    }
    post(admin_client, **once)
    row = Exclusion.objects.get()
    page = admin_client.get(f"{URL}{row.pk}/change/")
    assert "Wed 2023-01-25 09:00 to 11:00 UTC" in text(page)
    assert "none, since it is over" in text(page)
    post(admin_client, f"{URL}{row.pk}/change/", **once | {"ends_at_1": "10:00"})
    row.refresh_from_db()
    assert row.ends_at.hour == 10
    assert "Power" in text(admin_client.get(URL))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"tag": "nothing"}, "There is no tag 'nothing'."),
        ({"tag": ""}, "This field is required."),
        ({"rule": "FREQ=SECONDLY"}, "It needs a FREQ of DAILY"),
        ({"duration_us": "soon"}, "soon"),
        ({"duration_us": ""}, "This field is required with a rule."),
        ({"time_zone": "Mars/Base"}, "There is no time zone 'Mars/Base'."),
        ({"scope": "store", "store": "b"}, "There is no store 'b'."),
        ({"starts_at_0": "2023-01-25", "starts_at_1": "09:00"}, "Not with a rule"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(admin_client, values, fault):
    Tag.objects.create(name="night")
    page = post(admin_client, **{**WEEKLY, **values})
    assert fault in html.unescape(text(page))
    assert not Exclusion.objects.exists()


def test_operators_see_them_and_cannot_make_any(client, django_user_model):
    made()
    client.force_login(member_of("operator", django_user_model))
    assert "New routers" in text(client.get(URL))
    assert post(client, **WEEKLY).status_code == 403


@pytest.mark.parametrize("where", ["admin", "dashboard"])
def test_the_pages_of_a_store_show_what_touches_their_days(admin_client, where):
    store = polled("a", NEWEST)
    there = {"starts_at": NEWEST - timedelta(hours=2), "ends_at": NEWEST}
    # Unchecked: a row may be older than the check.
    exclusion(**there, reason=HOSTILE, created_by="Ada").save()
    made(**{name: at - timedelta(days=90) for name, at in there.items()}, reason="Long ago")
    address = f"{STORES}{store.pk}/change/" if where == "admin" else "/stores/a/"
    answer = admin_client.get(address)
    said = html.unescape(text(answer))
    assert "the whole fleet" in said
    assert "Ada" in said
    assert "Long ago" not in said
    assert HOSTILE not in answer.content.decode()
    assert html.escape(HOSTILE) in answer.content.decode()


def test_a_store_without_any_has_no_such_section(admin_client):
    polled("a", NEWEST)
    assert "Excluded time" not in text(admin_client.get("/stores/a/"))


def test_an_end_that_is_to_come_is_not_said_to_be_over():
    sundays = exclusion(**SUNDAYS, ends_at=datetime(2199, 1, 6, 9, tzinfo=UTC))
    said = when_in_words(sundays)
    assert said.endswith(", from 2024-01-01 on until Sun 2199-01-06 09:00 UTC")
