"""Public holidays become special days only when somebody accepts them."""

from datetime import date, time

import pytest

from fleet.models import SpecialDay, Tag
from tests.database.admin_pages import member_of, messages, text

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/special_days/proposals/"
PAGE = "/admin/fleet/specialday/proposals/"
TEXAS = {"country": "US", "region": "TX", "year": "2026", "scope": "fleet"}
CHOSEN = ["2026-12-25", "2026-03-02"]


def accepted(client, **values):
    """Send the ticked ones; return what is wrong, or None if they were added."""
    answer = client.post(PAGE, {**TEXAS, "opens": "", "closes": "", "dates": CHOSEN, **values})
    if answer.status_code == 302:
        return None
    return [str(text) for texts in answer.context["form"].errors.values() for text in texts]


def test_the_api_tells_them_and_stores_nothing(client):
    told = client.get(URL, {"country": "US", "region": "TX", "year": "2026"}).json()["proposals"]
    assert {"date": "2026-03-02", "reason": "Texas Independence Day"} in told
    assert not SpecialDay.objects.exists()


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"country": "XX", "year": "2026"}, 422, "country"),
        ({"country": "US", "region": "ZZ", "year": "2026"}, 422, "region"),
        ({"country": "usa", "year": "2026"}, 400, "country"),
        ({"country": "US", "year": "1999"}, 400, "year"),
        ({"country": "US"}, 400, "year"),
    ],
)
def test_the_api_names_what_is_wrong(client, query, status, field):
    answer = client.get(URL, query)
    assert answer.status_code == status
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_ticked_ones_become_closed_days(admin_client):
    assert "Texas Independence Day" in text(admin_client.get(PAGE, TEXAS))
    assert not SpecialDay.objects.exists()
    assert accepted(admin_client) is None
    rows = SpecialDay.objects.values_list("date", "opens", "reason", "store", "tag", "made_by")
    assert list(rows) == [
        (date(2026, 3, 2), None, "Texas Independence Day", None, None, "admin"),
        (date(2026, 12, 25), None, "Christmas Day", None, None, "admin"),
    ]
    answer = admin_client.get("/admin/fleet/specialday/")
    assert messages(answer) == ["2 special days were added for fleet."]
    assert text(admin_client.get(PAGE, TEXAS)).count("there already") == 2
    assert "there already" not in text(admin_client.get(PAGE, {**TEXAS, "year": "2027"}))


def test_they_may_have_hours_and_be_a_tags(admin_client):
    tag = Tag.objects.create(name="airport")
    values = {"scope": "tag:airport", "opens": "09:00", "closes": "14:00", "dates": CHOSEN[:1]}
    assert accepted(admin_client, **values) is None
    row = SpecialDay.objects.get()
    assert (row.tag, row.opens, row.closes) == (tag, time(9), time(14))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"dates": []}, "Tick at least one holiday."),
        ({"dates": ["2026-12-24x", "2026-07-01"]}, "Tick at least one holiday."),
        ({"opens": "09:00"}, "Give both times, or neither for closed days."),
        ({"country": "XX"}, "There are no holidays known of 'XX'."),
        ({"country": "us"}, "Write two capital letters, such as US."),
        ({"scope": "tag:none"}, "There is no tag 'none'."),
    ],
)
def test_it_says_what_is_wrong(admin_client, values, reason):
    assert accepted(admin_client, **values) == [reason]
    assert not SpecialDay.objects.exists()


def test_all_are_added_or_none(admin_client):
    hours = {"opens": time(9), "closes": time(12)}
    SpecialDay.objects.create(date=date(2026, 12, 25), made_by="x", **hours)
    [reason] = accepted(admin_client)
    assert reason.startswith("Nothing was added: fleet has opening times on 2026-12-25 already")
    assert SpecialDay.objects.count() == 1


def test_only_those_who_may_add_special_days_see_the_page(client, django_user_model):
    client.force_login(member_of("viewer", django_user_model))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, TEXAS).status_code == 403
    assert "Propose holidays" not in text(client.get("/admin/fleet/specialday/"))
