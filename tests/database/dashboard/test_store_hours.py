"""On the page of a store: hours that look wrong, accepted with a click; polls that do not count."""

import re
from datetime import time

import pytest

from access.models import AuditEntry
from fleet.models import BusinessHours, Store
from tests.database.admin_pages import member_of
from tests.database.dashboard.fleets import HOUR, NOON, add_store, take_snapshot
from tests.database.dashboard.test_targets import text
from tests.database.fleet.exclusions import made

pytestmark = pytest.mark.django_db(transaction=True)

NINE_TO_SIX = (time(9), time(18))


def late(day_hours):
    """Hourly polls of eight days up to noon: active from 11:00 to 18:00."""
    return "".join("1" if 11 <= (12 + hour) % 24 <= 17 else "0" for hour in range(day_hours + 1))


@pytest.fixture
def store():
    add_store("right", "1" * 193, hours=[NINE_TO_SIX])
    made = add_store("<late>", late(192), hours=[NINE_TO_SIX], tags=["a; b"[:1]], name="Corner")
    take_snapshot()
    return made


def inputs(page):
    """The hidden fields of the form."""
    form = re.search(r'aria-label="Accept these hours">(.*?)</form>', page, re.DOTALL)[1]
    fields = re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', form)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def test_the_page_says_what_was_seen(client, store):
    page = text(client.get("/stores/%3Clate%3E/"))
    assert "These hours look wrong. On 7 of 7 days that begin at 09:00" in page
    assert "active from about 10:15 on" in page
    assert "These hours look wrong" not in text(client.get("/stores/right/"))


def test_a_click_makes_the_hours_fit_and_is_recorded(client, store, django_user_model):
    client.force_login(member_of("admin", django_user_model))
    sent = inputs(client.get("/stores/%3Clate%3E/").content.decode())
    assert sent["day_0"] == "10:15-18:00"

    answer = client.post("/stores/%3Clate%3E/settings/", sent)

    assert answer.status_code == 302
    rows = set(BusinessHours.objects.filter(store=store).values_list("opens", "closes"))
    assert rows == {(time(10, 15), time(18))}
    changed = Store.objects.get(pk=store.pk)
    assert (changed.name, [tag.name for tag in changed.tags.all()]) == ("Corner", ["a"])
    entry = AuditEntry.objects.filter(what__contains="settings").latest("pk")
    assert "fleet.BusinessHours" in entry.detail["changed"]
    assert "These hours look wrong" not in text(client.get("/stores/%3Clate%3E/"))


def test_it_is_not_accepted_over_a_change_of_somebody_else(client, store, django_user_model):
    client.force_login(member_of("admin", django_user_model))
    sent = inputs(client.get("/stores/%3Clate%3E/").content.decode())
    BusinessHours.objects.filter(store=store, weekday=0).update(closes=time(17))
    assert client.post("/stores/%3Clate%3E/settings/", sent).status_code == 409
    assert BusinessHours.objects.filter(store=store, opens=time(9)).count() == 7


def test_only_who_may_change_stores_can_accept(client, store, settings, django_user_model):
    settings.ANONYMOUS_SCOPES = []
    client.force_login(member_of("viewer", django_user_model))
    page = client.get("/stores/%3Clate%3E/").content.decode()
    assert "These hours look wrong" in page
    assert "Accept these hours" not in page


def test_polls_that_do_not_count_are_not_said_to_be_missing(client):
    add_store("other", "1" * 200)
    store = add_store("a", "1" * 199 + "-")
    row = made(scope="store", store=store, starts_at=NOON - 10.5 * HOUR, ends_at=NOON)
    take_snapshot()
    said = text(client.get("/stores/a/"))
    assert "it is open, but no poll has counted since Wed 17 Jan, 01:00" in said
    row.starts_at = NOON - 400 * HOUR
    row.save()
    # The page reads the store itself, whatever snapshot there is.
    said = text(client.get("/stores/a/"))
    assert "it is open, but no poll of the last week counts." in said
