"""Special days in the admin, and on the pages of a store."""

from datetime import date, time

import pytest

from fleet.models import SpecialDay, Store, Tag
from fleet.special_days import editing
from fleet.special_days.editing import Conflict
from tests.database.admin_pages import NEWEST, STORES, member_of, messages, polled, text
from tests.database.dashboard.fleets import add_store

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = "/admin/fleet/specialday/"
CHRISTMAS = {"scope": "fleet", "date": "2023-12-25", "opens": "", "closes": "", "reason": " Xmas "}


def saved(client, address=f"{DAYS}add/", **values):
    """Send the form; return what is wrong with it, or None if it was saved."""
    answer = client.post(address, {**CHRISTMAS, **values}, follow=True)
    assert answer.status_code == 200
    if "adminform" not in answer.context:
        return None
    errors = answer.context["adminform"].form.errors
    return [str(text) for texts in errors.values() for text in texts] or messages(answer)


@pytest.fixture
def store():
    store = polled("a", NEWEST)
    store.tags.create(name="airport")
    return store


@pytest.mark.parametrize("scope", ["fleet", "tag:airport", "store:a"])
def test_a_day_is_added_changed_and_deleted(admin_client, store, scope):
    assert saved(admin_client, scope=scope, opens="09:00:00.5", closes="14:00") is None
    row = SpecialDay.objects.get()
    assert (row.opens, row.closes, row.reason) == (time(9, 0, 0, 500_000), time(14), "Xmas")
    assert (row.made_by, row.date) == ("admin", date(2023, 12, 25))
    assert (row.store is not None, row.tag is not None) == (scope == "store:a", "tag" in scope)
    shown = text(admin_client.get(DAYS))
    assert "Monday" in shown
    assert scope in shown
    assert "09:00:00.500000-14:00" in shown

    change = f"{DAYS}{row.pk}/change/"
    assert 'value="09:00:00.500000"' in admin_client.get(change).content.decode()
    assert saved(admin_client, change) is None
    row.refresh_from_db()
    assert (row.opens, row.closes) == (None, None)

    admin_client.post(f"{DAYS}{row.pk}/delete/", {"post": "yes"})
    assert not SpecialDay.objects.exists()


def test_several_are_deleted_at_once(admin_client):
    for day in range(3):
        SpecialDay.objects.create(date=date(2023, 12, 24 + day), made_by="x")
    first = SpecialDay.objects.first()
    chosen = {"action": "delete_selected", "post": "yes", "_selected_action": [first.pk]}
    admin_client.post(DAYS, chosen)
    assert SpecialDay.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"scope": "store:nobody"}, "There is no store 'nobody'."),
        ({"scope": "tag:none"}, "There is no tag 'none'."),
        ({"scope": "everything"}, "Write fleet, tag:NAME or store:ID."),
        ({"opens": "09:00"}, "Give both times, or neither for a closed day."),
        ({"date": "1999-12-31"}, "The date must lie in the years 2000 to 2100."),
        ({"reason": "a\x07b"}, "Has characters that cannot be printed."),
        ({"reason": "other"}, "Fleet has this row for 2023-12-25 already, for another reason"),
        (
            {"opens": "09:00", "closes": "10:00"},
            "Fleet is closed on 2023-12-25 already: delete or change that.",
        ),
    ],
)
def test_it_says_what_is_wrong(admin_client, values, reason):
    SpecialDay.objects.create(date=date(2023, 12, 25), reason="Xmas", made_by="x")
    assert saved(admin_client, **values)[0].startswith(reason)
    assert SpecialDay.objects.count() == 1


def test_the_same_day_again_changes_nothing(admin_client):
    assert saved(admin_client) is None
    assert saved(admin_client) is None
    assert SpecialDay.objects.count() == 1


def test_a_contradiction_that_comes_in_between_is_told(admin_client, monkeypatch):
    def refuse(*_, **__):
        raise Conflict("fleet is closed already.", [])

    monkeypatch.setattr(editing, "_check", refuse)
    monkeypatch.setattr(
        "stores.backoffice.admin_special_day_form.contradiction", lambda *_, **__: None
    )
    assert saved(admin_client) == ["fleet is closed already."]


def test_the_list_can_be_narrowed(admin_client, store):
    SpecialDay.objects.create(date=date(2023, 12, 24), reason="Fleet's", made_by="x")
    SpecialDay.objects.create(date=date(2023, 12, 25), reason="Own", store=store, made_by="x")
    tag = Tag.objects.get()
    SpecialDay.objects.create(date=date(2023, 12, 26), reason="Tagged", tag=tag, made_by="x")

    def reasons(query):
        shown = text(admin_client.get(DAYS + query))
        return [
            reason
            for reason in ("Fleet's", "Own", "Tagged")
            if reason.replace("'", "&#x27;") in shown
        ]

    assert reasons("") == ["Fleet's", "Own", "Tagged"]
    assert reasons("?kind=fleet") == ["Fleet's"]
    assert reasons("?kind=tag") == ["Tagged"]
    assert reasons("?kind=store") == ["Own"]
    assert reasons("?q=airport") == ["Tagged"]
    assert reasons("?q=a") == ["Own", "Tagged"]  # The id of a store, and part of a reason.


def test_viewers_look_and_do_not_change(client, django_user_model, store):
    row = SpecialDay.objects.create(date=date(2023, 12, 25), reason="Xmas", made_by="x")
    client.force_login(member_of("viewer", django_user_model))
    assert "Xmas" in text(client.get(DAYS))
    assert "Xmas" in text(client.get(f"{DAYS}{row.pk}/change/"))
    assert client.get(f"{DAYS}add/").status_code == 403
    assert client.post(f"{DAYS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert SpecialDay.objects.exists()


def test_a_stores_pages_show_the_days_that_count(admin_client):
    add_store("a", "1", tags=["airport"])  # Polled on 2024-01-17.
    tag, store = Tag.objects.get(), Store.objects.get()
    SpecialDay.objects.create(date=date(2023, 12, 1), reason="Long ago", made_by="x")
    SpecialDay.objects.create(date=date(2024, 1, 15), reason="King", made_by="x")
    for hour in (9, 14):
        SpecialDay.objects.create(
            date=date(2024, 2, 19),
            opens=time(hour),
            closes=time(hour + 2),
            reason="Presidents",
            tag=tag,
            made_by="x",
        )
    SpecialDay.objects.create(date=date(2024, 3, 1), reason="Moving", store=store, made_by="x")
    for address, monday in (
        (f"{STORES}{store.pk}/change/", ("Mon 2024-01-15", "Mon 2024-02-19", "Fri 2024-03-01")),
        ("/stores/a/", ("Mon 15 Jan 2024", "Mon 19 Feb 2024", "Fri 1 Mar 2024")),
    ):
        shown = text(admin_client.get(address))
        assert f"{monday[0]} closed the whole fleet King" in shown
        assert f"{monday[1]} 09:00-11:00, 14:00-16:00 tag airport Presidents" in shown
        assert f"{monday[2]} closed this store Moving" in shown
        assert "Long ago" not in shown
    assert "Long ago" in text(admin_client.get("/stores/a/?week=2023-12-05"))
