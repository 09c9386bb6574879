"""Every page of the dashboard and the admin, as everybody who may not see or use it.

The list of pages comes from the URL resolver, so a new one fails here until it is classified.
"""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from access.scopes import SCOPES
from tests.database.access.everywhere.conftest import contents
from tests.database.addresses import ADMIN, DASHBOARD
from tests.database.admin_pages import member_of
from tests.database.answers import release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

# The scope to look at a page, and the one to send its form; None: everybody may.
PAGES = {
    "board": ("read", "read"),
    "as-of": ("read", "read"),
    "heat-map-bytes": ("read", "read"),
    "heat-map-rows": ("read", "read"),
    "stores": ("read", "read"),
    "stores-csv": ("read", "read"),
    "store": ("read", "read"),
    "store-settings": ("admin", "admin"),
    "reports": ("read", "read"),
    "report": ("read", "read"),
    "cancel-report": ("read", "admin"),  # One's own: ``read``.
    "repeat-report": ("read", "read"),
    "data": ("read", "ingest"),
    "ingestion": ("read", "ingest"),
    "sign-in": (None, None),
    "sign-out": (None, None),
}
MAY = {None: set(), "viewer": {"read"}, "operator": {"read", "ingest"}}
# Pages of the admin that are no page of a model.
OPEN_IN_THE_ADMIN = {"login", "logout", "jsi18n"}
VALUES = {
    "cancel-report": "unfinished",
    "reports_report_cancel": "unfinished",
    "auth_user": "person",
    "auth_group": "group",
    "access_token": "token",
    "access_auditentry": "entry",
    "access_loginfailures": "failures",
    "schedules_scheduledrun": "run",
    "schedules_schedule": "schedule_id",
    "targets_target": "target_id",
    "webhooks_webhook": "webhook_id",
    "webhooks_delivery": "delivery_id",
    "reports_report": "report_id",
    "ingestion_ingestion": "ingestion_id",
    "fleet_store": "store_id",
    "fleet_specialday": "special_day_id",
    "fleet_exclusion": "exclusion_id",
}
# Staff who are redirected to the page of a row are recorded, whatever they may do there.
REDIRECTS = {"access.AuditEntry"}
# What a form of the page could say, if it were read.
FORM = {"action": "delete_selected", "post": "yes", "name": "x", "password": "x", "store_id": "x"}


def test_each_page_is_classified():
    """Say in ``PAGES`` who may see a new page and send its form."""
    assert {name for _, name in DASHBOARD if name} == set(PAGES)


def address(path, name, things):
    """Return the address of a row that is there."""
    chosen = next((row for start, row in VALUES.items() if (name or "").startswith(start)), None)

    def value(part):
        row = things.get(chosen) or things.get(part[1], "1")
        return str(row.store_id if part[1] == "store_id" else getattr(row, "pk", row))

    plain = re.sub(r"<(?:\w+:)?(\w+)>", value, path)
    return re.sub(r"\^?\(\?P<\w+>.*\)\/?\$", "fleet/", plain).replace("^", "")


@pytest.fixture
def person(django_user_model):
    """Somebody of a group, logged in; ``staff`` may enter the admin."""

    def make(group, *, staff=False):
        users = django_user_model
        user = member_of(group, users) if group else users.objects.create_user("nobody")
        users.objects.filter(pk=user.pk).update(is_staff=staff)
        client = Client()
        client.force_login(users.objects.get(pk=user.pk))
        return client

    return make


@pytest.fixture
def everything(things, issued, django_user_model):
    # The groups must be there before one of them is chosen.
    member = member_of("viewer", django_user_model)
    django_user_model.objects.filter(pk=member.pk).update(username="somebody")
    return {
        **things,
        "person": django_user_model.objects.create_superuser("boss"),
        "group": Group.objects.get(name="viewer"),
        "token": issued("bi", "admin").token,
    }


def leads_to(response, form):
    place = response.headers.get("HX-Redirect") or response.headers.get("Location", "")
    return response.status_code in {302, 301, 403} and place.startswith(form)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("sent", ["nothing", "token"])
def test_strangers_and_tokens_of_the_api_are_asked_to_sign_in(everything, issued, method, sent):
    """A token is for the API: it opens no page."""
    secret = issued("all", "admin").secret
    headers = {"Authorization": f"Bearer {secret}"} if sent == "token" else {}
    before = contents()
    for path, name in DASHBOARD:
        if name in {"sign-in", "sign-out", None}:
            continue
        place = address(path, name, everything)
        answer = Client().generic(method, place, headers=headers)
        assert answer.status_code == 405 or leads_to(answer, "/sign-in/"), (place, answer)
    for path, name in ADMIN:
        if name in OPEN_IN_THE_ADMIN or "ingestion/(?P" in path:
            continue
        place = address(path, name, everything)
        answer = Client().generic(method, place, headers=headers)
        assert answer.status_code == 405 or leads_to(answer, "/admin/login/"), (place, answer)
    assert contents() == before


@pytest.mark.parametrize("group", MAY)
def test_people_see_and_do_on_pages_what_their_group_says(everything, person, group):
    client, before = person(group), contents()
    for path, name in DASHBOARD:
        if name not in PAGES or PAGES[name][0] is None:
            continue
        place = address(path, name, everything)
        look, send = PAGES[name]
        for method, needs in (("GET", look), ("POST", send)):
            if needs in MAY[group] and method == "POST":
                continue  # Allowed: what it does is tested with the page.
            answer = client.generic(method, place)
            release(answer)
            is_refused = answer.status_code == 403 or leads_to(answer, "/sign-in/")
            assert answer.status_code < 500
            assert is_refused == (needs not in MAY[group]) or answer.status_code == 405, place
    assert contents() == before


@pytest.mark.parametrize("group", [None, "viewer", "operator", "admin"])
def test_people_without_staff_status_see_nothing_of_the_admin(everything, person, group):
    client, before = person(group), contents()
    for path, name in ADMIN:
        if name in OPEN_IN_THE_ADMIN or "ingestion/(?P" in path:
            continue
        place = address(path, name, everything)
        for method in ("get", "post"):
            answer = getattr(client, method)(place)
            assert answer.status_code == 405 or leads_to(answer, "/admin/login/"), (method, place)
    assert contents() == before


@pytest.mark.parametrize("group", [None, "viewer"])
def test_staff_who_only_look_change_nothing_in_the_admin(everything, person, group):
    client, before = person(group, staff=True), contents(without=REDIRECTS)
    for path, name in ADMIN:
        if name in {*OPEN_IN_THE_ADMIN, "password_change"} or "ingestion/(?P" in path:
            continue
        place = address(path, name, everything)
        rows = [getattr(row, "pk", row) for row in everything.values()]
        answer = client.post(place, {**FORM, "_selected_action": [1, *map(str, rows)][:1]})
        release(answer)
        assert answer.status_code in {200, 302, 301, 400, 403, 404, 405}, (place, answer)
    assert contents(without=REDIRECTS) == before


@pytest.mark.parametrize("group", ["viewer", "operator", "admin"])
def test_nobody_but_a_superuser_manages_accounts(everything, person, group):
    client, before = person(group, staff=True), contents(without=REDIRECTS)
    pages = [(path, name) for path, name in ADMIN if path.startswith("/admin/auth/")]
    assert len(pages) >= 12
    for path, name in pages:
        for method in ("get", "post"):
            answer = getattr(client, method)(address(path, name, everything), follow=True)
            assert answer.status_code == 403, (method, path, answer.status_code)
    assert contents(without=REDIRECTS) == before


def test_a_viewer_cancels_only_their_own_report(everything, person):
    client, report = person("viewer"), everything["unfinished"]
    place = f"/reports/{report.pk}/"
    assert "cancel/" not in client.get(place).content.decode()
    assert client.post(f"{place}cancel/").status_code == 403
    type(report).objects.filter(pk=report.pk).update(requested_by="viewer")
    assert "cancel/" in client.get(place).content.decode()
    assert client.post(f"{place}cancel/").status_code == 302
    report.refresh_from_db()
    assert report.status == "Cancelled"


def test_an_administrator_cancels_any_report(everything, person):
    report = everything["unfinished"]
    assert set(SCOPES) >= {"admin"}
    assert person("admin").post(f"/reports/{report.pk}/cancel/").status_code == 302
    report.refresh_from_db()
    assert report.status == "Cancelled"
