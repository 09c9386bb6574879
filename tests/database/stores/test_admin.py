"""Stores in the admin: search, view, edit, and change many at once."""

import html
import re
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from fleet.models import BusinessHours, Poll, Store, Tag
from fleet.versions import current_version
from reports import tasks
from reports.build.selectors import load_fleet
from reports.models import Report
from tests.database.admin_pages import NEWEST, STORES, listed, messages, polled, text

# Arrow reads over a connection of its own, which sees committed rows only.
pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = {"weekday": "0", "opens": "09:00:00", "closes": "17:30:00"}


def store(store_id: str, **values) -> Store:
    return Store.objects.create(store_id=store_id, **values)


def page_of(client, made: Store):
    return client.get(f"{STORES}{made.pk}/change/")


def correct(client, made: Store, *hours: dict[str, str], **values: str):
    """Send the form of a store's page as a browser would, right after opening it."""
    seen = re.search(r'name="seen" value="(\w+)"', page_of(client, made).content.decode())[1]
    fields = {"business_hours-TOTAL_FORMS": str(len(hours)), "business_hours-INITIAL_FORMS": "0"}
    for number, row in enumerate(hours):
        fields[f"business_hours-{number}-store"] = str(made.pk)
        fields |= {f"business_hours-{number}-{name}": value for name, value in row.items()}
    given = {"seen": seen, "name": "", "tag_names": "", "zone": "", **fields, **values}
    return client.post(f"{STORES}{made.pk}/change/", given, follow=True)


def act(client, action: str, *stores: Store, **values: str):
    chosen = [str(one.pk) for one in stores]
    return client.post(
        STORES, {"action": action, "_selected_action": chosen, **values}, follow=True
    )


@pytest.mark.parametrize("action", ["tag", "untag"])
@pytest.mark.parametrize("name", ["{:>400000000}", "{0.__class__}", "{", "100 %s"])
def test_it_takes_the_name_of_a_tag_as_it_is(admin_client, action, name):
    made = store("a")
    if action == "untag":
        made.tags.create(name=name)
    page = act(admin_client, action, made, value=name)
    assert page.status_code == 200
    assert f"the tag {name}" in html.unescape(page.content.decode())
    assert made.tags.filter(name=name).exists() == (action == "tag")


# The list


@pytest.mark.parametrize("query", ["ABC", "burger 7"])
def test_it_finds_stores_by_a_part_of_their_id_or_name(admin_client, query):
    store("abc-1", name="Burger Palace 7")
    store("xyz-1", name="Burger Palace 8")
    assert listed(admin_client.get(STORES, {"q": query})) == ["abc-1"]


def test_it_offers_the_zones_in_use_only(admin_client):
    store("a", time_zone_id="Asia/Beirut")
    page = admin_client.get(STORES).content.decode()
    assert "Asia/Beirut" in page
    assert "Europe/Paris" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"zone": "Asia/Beirut"}, ["a"]),
        ({"zone": "none"}, ["b", "c", "d"]),
        ({"tag": "airport"}, ["b"]),
        ({"last_status__exact": "0"}, ["b"]),
        ({"polled": "day"}, ["a"]),
        ({"polled": "week"}, ["a", "b"]),
        ({"polled": "silent"}, ["b", "c"]),
        ({"polled": "days"}, ["b", "c"]),
        ({"polled": "earlier"}, ["c"]),
        ({"polled": "never"}, ["d"]),
    ],
)
def test_it_filters_stores(admin_client, query, found):
    polled("a", NEWEST, time_zone_id="Asia/Beirut")
    polled("b", NEWEST - timedelta(days=3), status=0).tags.create(name="airport")
    polled("c", NEWEST - timedelta(days=8))
    store("d")
    assert listed(admin_client.get(STORES, query)) == found


def test_it_filters_stores_where_none_was_ever_polled(admin_client):
    store("a")
    for choice in ("day", "week", "silent", "days", "earlier", "never"):
        assert listed(admin_client.get(STORES, {"polled": choice})) == ["a"]


@pytest.mark.parametrize("count", [0, 1, 50, 51, 100, 101])
def test_it_pages_through_stores_and_says_how_many_there_are(admin_client, count):
    Store.objects.bulk_create(Store(store_id=f"s{number:03}") for number in range(count))
    last = max(1, -(-count // 50))
    found = [listed(admin_client.get(STORES, {"p": str(page)})) for page in range(1, last + 1)]
    assert [one for page in found for one in page] == [f"s{number:03}" for number in range(count)]
    assert f"{count} result" in text(admin_client.get(STORES, {"q": "s"}))


def test_it_counts_only_where_one_page_does_not_hold_all(admin_client):
    def counted(count: int) -> int:
        Store.objects.bulk_create(Store(store_id=f"{count}-{n}") for n in range(count))
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(STORES, {"q": f"{count}-"})
        return sum("COUNT(" in one["sql"] for one in captured)

    assert (counted(5), counted(60)) == (0, 1)


# One store


def test_it_shows_numbers_timeline_and_week(admin_client):
    made = polled("a", *(NEWEST - timedelta(hours=number) for number in range(200)))
    BusinessHours.objects.create(store=made, weekday=2, opens="09:00", closes="17:00")
    page = page_of(admin_client, made).content.decode()
    assert page.count('role="img"') == 2
    assert 'class="up"' in page
    assert "Wednesday: 09:00-17:00." in page
    assert "Numbers as of the newest poll, 2023-01-25 18:13:22 UTC" in page
    assert '<th scope="row">7d</th><td>8.00</td><td>0.00</td>' in page


def test_it_says_the_numbers_of_a_report(admin_client):
    """The same store and instant: the page agrees with the report."""
    at = [NEWEST - timedelta(hours=number * 5) for number in range(50)]
    made = polled("a", *at)
    Poll.objects.filter(polled_at__in=at[::3]).update(status=0)
    report = Report.objects.create(as_of=NEWEST)
    tasks.build_report(str(report.pk))
    report.refresh_from_db()
    with report.file.open() as file:
        row = file.read().decode().splitlines()[1].split(",")
    page = page_of(admin_client, made).content.decode()
    for window, up, down in (("24h", row[2], row[5]), ("7d", row[3], row[6])):
        assert f'<th scope="row">{window}</th><td>{up}</td><td>{down}</td>' in page


def test_it_lists_the_last_polls_in_local_time_newest_first(admin_client):
    hours = [NEWEST - timedelta(hours=number) for number in range(60)]
    made = polled("a", *hours, time_zone_id="Europe/Berlin")
    polled("b", NEWEST, status=0)
    found = re.findall(
        r'<li class="(?:in)?active">([^<]*)', page_of(admin_client, made).content.decode()
    )
    berlin = [hour + timedelta(hours=1) for hour in hours[:50]]
    assert found == [f"{hour:%a %m-%d %H:%M:%S} active" for hour in berlin]


def test_it_shows_a_store_that_was_never_polled(admin_client):
    made = store("a")
    assert "There are no polls yet" in text(page_of(admin_client, made))
    polled("b", NEWEST)
    page = page_of(admin_client, made).content.decode()
    assert 'class="unknown"' in page
    assert "n/a" in page


def test_it_reads_the_polls_of_the_one_store_only(admin_client, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "stores.history.load_fleet", lambda **given: asked.append(given) or load_fleet(**given)
    )
    made = polled("a", NEWEST)
    polled("b", NEWEST)
    page_of(admin_client, made)
    assert [given["keys"] for given in asked] == [(made.pk, made.pk)]


def test_it_escapes_what_others_have_written(admin_client):
    made = polled("<b>&\"'", NEWEST, name="<script>alert(1)</script>")
    made.tags.create(name="<i>")
    for response in (
        page_of(admin_client, made),
        admin_client.get(STORES),
        admin_client.get("/admin/"),
    ):
        page = response.content.decode()
        assert "<script>alert" not in page
        assert "<b>&" not in page
        assert "<i>" not in page


# Corrections


def test_it_lets_name_tags_zone_and_hours_be_corrected(admin_client):
    made = store("a")
    values = {"name": " Burger Palace ", "tag_names": "mall; airport;", "zone": "Asia/Beirut"}
    response = correct(admin_client, made, MONDAY, **values)
    assert response.redirect_chain
    made.refresh_from_db()
    assert (made.name, made.time_zone_id) == ("Burger Palace", "Asia/Beirut")
    assert [tag.name for tag in made.tags.all()] == ["airport", "mall"]
    assert str(made.business_hours.get()) == "Monday 09:00:00-17:30:00"
    history = text(admin_client.get(f"{STORES}{made.pk}/history/"))
    assert "Changed name, tags, time zone and business hours." in history
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", history)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "x" * 201}, "Is longer than 200 characters."),
        ({"tag_names": "y" * 51}, "Has a tag of more than 50 characters."),
        ({"zone": "Mars/Olympus"}, "is not a known time zone"),
    ],
)
def test_it_says_what_cannot_be(admin_client, values, sentence):
    made = store("a")
    assert sentence in text(correct(admin_client, made, **values))
    made.refresh_from_db()
    assert (made.name, made.time_zone_id, made.tags.count()) == ("", None, 0)


def test_it_refuses_the_same_hours_twice(admin_client):
    made = store("a")
    assert "duplicate" in text(correct(admin_client, made, MONDAY, MONDAY))
    assert not BusinessHours.objects.exists()


def test_it_overwrites_nothing_that_somebody_else_has_changed(admin_client):
    made = store("a")
    Store.objects.filter(pk=made.pk).update(name="theirs")
    stale = {"seen": "0" * 32, "name": "mine", "tag_names": "", "zone": ""}
    stale |= {"business_hours-TOTAL_FORMS": "0", "business_hours-INITIAL_FORMS": "0"}
    response = admin_client.post(f"{STORES}{made.pk}/change/", stale)
    assert "This store was changed" in text(response)
    made.refresh_from_db()
    assert made.name == "theirs"


def test_it_says_that_ingestion_is_busy(admin_client, monkeypatch):
    def busy(*_, **__):
        raise OperationalError("canceling statement due to lock timeout")

    made = store("a")
    monkeypatch.setattr("stores.admin.edit_store", busy)
    assert "Ingestion is busy" in messages(correct(admin_client, made, name="b"))[0]
    monkeypatch.setattr("stores.backoffice.admin_actions.delete_stores", busy)
    response = act(admin_client, "delete_chosen", made, confirmed="yes")
    assert "Ingestion is busy" in messages(response)[0]


def test_it_deletes_a_store_with_all_that_is_its(admin_client):
    made, kept = polled("a", NEWEST), polled("b", NEWEST)
    asked = admin_client.get(f"{STORES}{made.pk}/delete/")
    assert "a, with its business hours, its tags and all its polls" in text(asked)
    assert Store.objects.count() == 2
    admin_client.post(f"{STORES}{made.pk}/delete/", {"post": "yes"})
    assert Store.objects.get() == kept
    assert Poll.objects.get().store_id == kept.pk


def test_it_reads_no_poll_to_ask_whether_to_delete(admin_client):
    made = polled("a", NEWEST)
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(f"{STORES}{made.pk}/delete/")
        act(admin_client, "delete_chosen", made)
    assert not [one for one in captured if '"ingestion_poll"' in one["sql"]]


# Many at once


def test_it_sets_the_zone_of_many(admin_client):
    one, two, other = store("a"), store("b", time_zone_id="Asia/Beirut"), store("c")
    response = act(admin_client, "set_zone", one, two, value="Asia/Beirut")
    assert messages(response) == ["Set the time zone of 1 stores to Asia/Beirut."]
    zones = dict(Store.objects.values_list("store_id", "time_zone_id"))
    assert zones == {"a": "Asia/Beirut", "b": "Asia/Beirut", "c": None}
    assert (
        "not a known time zone" in messages(act(admin_client, "set_zone", other, value="Mars"))[0]
    )
    act(admin_client, "set_zone", one, two, value="")
    assert not Store.objects.exclude(time_zone=None).exists()


def test_it_tags_and_untags_many(admin_client):
    one, two, three = store("a"), store("b"), store("c")
    one.tags.create(name="mall")
    assert messages(act(admin_client, "tag", one, two, value=" mall ")) == [
        "Added the tag mall to 1 stores."
    ]
    assert {row.store_id for row in Tag.objects.get().stores.all()} == {"a", "b"}
    act(admin_client, "untag", two, three, value="mall")
    assert [row.store_id for row in Tag.objects.get().stores.all()] == ["a"]


@pytest.mark.parametrize("value", ["", " ", "x" * 51, "a;b"])
def test_it_refuses_a_tag_that_cannot_be(admin_client, value):
    response = act(admin_client, "tag", store("a"), value=value)
    assert messages(response)[0].startswith("The tag has a")
    assert not Tag.objects.exists()


def test_it_gives_no_store_more_tags_than_it_may_have(admin_client):
    full, other = store("a"), store("b")
    full.tags.set(Tag.objects.create(name=f"t{number}") for number in range(20))
    response = act(admin_client, "tag", full, other, value="one more")
    assert "which has 20 tags" in messages(response)[0]
    assert not other.tags.exists()


def test_it_acts_on_every_store_found_and_no_other(admin_client):
    for number in range(120):
        store(f"s{number:03}", name="found" if number % 2 else "")
    some = Store.objects.filter(name="found")[:1]
    act_on = {"action": "tag", "_selected_action": [some[0].pk], "select_across": "1"}
    admin_client.post(f"{STORES}?q=found", {**act_on, "value": "mall"})
    assert Tag.objects.get().stores.count() == 60
    act_on |= {"action": "delete_chosen"}
    asked = admin_client.post(f"{STORES}?q=found", act_on)
    assert "Delete 60 stores permanently" in text(asked)
    assert Store.objects.count() == 120
    admin_client.post(f"{STORES}?q=found", {**act_on, "confirmed": "yes"})
    assert Store.objects.count() == 60
    assert not Store.objects.filter(name="found").exists()


def test_it_requests_a_report_on_those_chosen(admin_client, monkeypatch):
    monkeypatch.setattr(tasks, "enqueue", lambda report: None)
    one, two = polled("a", NEWEST), store("b")
    store("c")
    response = act(admin_client, "report_on", one, two)
    assert Report.objects.get().stores == {"ids": ["a", "b"]}
    assert "on 2 stores" in messages(response)[0]


def test_it_raises_the_data_version_with_every_change_of_many(admin_client):
    made = store("a")
    versions = [current_version()]
    for action, value in (("set_zone", "Asia/Beirut"), ("tag", "mall"), ("untag", "mall")):
        act(admin_client, action, made, value=value)
        versions.append(current_version())
    assert versions == sorted(set(versions))


def test_it_keeps_hours_to_the_microsecond_where_only_the_name_changes(admin_client):
    made = store("a")
    row = BusinessHours.objects.create(
        store=made, weekday=0, opens="09:00:00.000001", closes="12:59:59.999999"
    )
    page = page_of(admin_client, made).content.decode()
    assert 'value="12:59:59.999999"' in page
    kept = {
        "business_hours-INITIAL_FORMS": "1",
        "business_hours-0-id": str(row.pk),
        "initial-business_hours-0-opens": "09:00:00.000001",
    }
    hours = {"weekday": "0", "opens": "09:00:00.000001", "closes": "12:59:59.999999"}
    correct(admin_client, made, hours, name="New", **kept)
    made.refresh_from_db()
    assert made.name == "New"
    [after] = BusinessHours.objects.all()
    assert (after.pk, after.closes.microsecond) == (row.pk, 999_999)


def test_its_picture_and_its_numbers_know_the_same_polls(admin_client):
    # Later in the day than midnight: the first day of the picture begins before the report's week.
    old = NEWEST - timedelta(days=8, minutes=30)
    made = polled("a", old, time_zone_id="UTC")
    polled("b", NEWEST)
    context = page_of(admin_client, made).context_data
    assert {numbers.unknown for numbers in context["numbers"]} == {"1.00", "24.00", "168.00"}
    assert not any("up" in words or "down" in words for _, words in context["timeline_words"])
