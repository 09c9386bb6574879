"""Access to every address of the API, by token, by session, and without either."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from access import tokens
from access.scopes import SCOPES, allowed_by
from fleet.models import Poll
from tests.database.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ROUTES = routes()
GUARDED = [route for route in ROUTES if route.scope]
# Every call that is not here needs ``read`` to look and ``admin`` to change.
NEEDS = {
    ("/trigger_report", "POST"): "read",
    ("/api/v1/reports", "POST"): "read",
    ("/api/v1/reports/<str:report_id>", "DELETE"): "read",  # One's own; others' need admin.
    ("/api/v1/reports/<str:report_id>/cancel", "POST"): "read",
    ("/api/v1/polls", "POST"): "ingest",
    ("/api/v1/ingestions", "POST"): "ingest",
    # They show addresses, and what was or will be sent there.
    ("/api/v1/schedules", "GET"): "admin",
    ("/api/v1/schedules/<int:schedule_id>", "GET"): "admin",
    ("/api/v1/schedules/<int:schedule_id>/runs", "GET"): "admin",
    ("/api/v1/webhooks", "GET"): "admin",
    ("/api/v1/webhooks/<int:webhook_id>", "GET"): "admin",
    ("/api/v1/webhooks/<int:webhook_id>/deliveries", "GET"): "admin",
    ("/api/v1/webhooks/<int:webhook_id>/deliveries/<uuid:delivery_id>", "GET"): "admin",
}
# What stands in an address for a part that is not any text or number.
VALUES = {"<str:suffix>": "csv", "<uuid:delivery_id>": "1c0b0ee5-8dd6-4dbb-9bb4-6a0b0b5f6f3e"}
OPEN = {"/healthz", "/readyz", "/docs", "/api/schema"}


def named(route):
    return f"{route.method} {route.path}"


@pytest.fixture(autouse=True)
def _nobody_unknown(settings):
    settings.ANONYMOUS_SCOPES = []


def call(client, route, **headers):
    path = re.sub(r"<[^>]+>", lambda part: VALUES.get(part[0], "1"), route.path)
    return client.generic(route.method, path, headers=headers)


def code(response):
    """Return the code of an answer that is a problem; other answers have none."""
    if response.headers.get("Content-Type") == "application/problem+json":
        return response.json()["code"]
    return None


REFUSED = {"permission_denied", "not_authenticated", "csrf_failed"}


def test_it_has_every_route_of_the_api():
    assert len(ROUTES) >= 14
    assert {route.path for route in ROUTES if not route.scope} == OPEN


def test_it_asks_for_another_scope_than_the_usual_only_where_that_was_thought_of():
    unusual = {(one.path, one.method): one.scope for one in GUARDED if one.scope != one.usual}
    assert unusual == NEEDS


@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_it_refuses_nobody(client, route):
    response = call(client, route)
    assert (response.status_code, code(response)) == (401, "not_authenticated")


@pytest.mark.parametrize("held", SCOPES)
@pytest.mark.parametrize("route", GUARDED, ids=named)
def test_it_lets_a_token_do_what_its_scope_says_and_no_more(client, route, held):
    secret = tokens.issue(name="a", scopes=[held], created_by="a test").secret
    response = call(client, route, authorization=f"Bearer {secret}")
    if route.scope in allowed_by([held]):
        assert code(response) not in REFUSED
    else:
        assert (response.status_code, code(response)) == (403, "permission_denied")
        assert response.json()["scope"] == route.scope
        assert route.scope in response.json()["detail"]
        assert f'scope="{route.scope}"' in response["WWW-Authenticate"]


@pytest.mark.parametrize("held", SCOPES)
def test_it_lets_anybody_do_what_the_setting_says(client, settings, held):
    settings.ANONYMOUS_SCOPES = [held]
    for route in GUARDED:
        response = call(client, route)
        refused = code(response) == "not_authenticated"
        assert refused == (route.scope not in allowed_by([held])), named(route)


@pytest.mark.parametrize("path", sorted(OPEN))
def test_it_lets_everybody_see_what_holds_no_data(client, path):
    headers = {"Authorization": "Bearer sm_wrong"}
    response = client.get(path, headers=headers)
    assert response.status_code == 200 or code(response) == "not_ready"


def test_it_says_405_to_whoever_may_look(client):
    secret = tokens.issue(name="a", scopes=["read"], created_by="a test").secret
    response = client.delete("/get_report", headers={"Authorization": f"Bearer {secret}"})
    assert (response.status_code, code(response)) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


POLLS = b"store_id,status,timestamp_utc\na,active,2023-01-25 18:00:00 UTC\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("held", "status"), [({"read"}, 403), ({"read", "ingest"}, 202)])
def test_it_takes_a_file_with_a_trigger_only_from_whoever_may_send_data(
    client, monkeypatch, held, status
):
    monkeypatch.setattr("reports.tasks.enqueue", lambda *_, **__: None)
    secret = tokens.issue(name="a", scopes=held, created_by="a test").secret
    response = client.post(
        "/trigger_report", POLLS, "text/csv", headers={"Authorization": f"Bearer {secret}"}
    )
    assert response.status_code == status
    assert Poll.objects.exists() == (status == 202)


# People ------------------------------------------------------------------------------------

MAY = {"viewer": {"read"}, "operator": {"read", "ingest"}, "admin": set(SCOPES), None: set()}


@pytest.fixture
def person(groups, client):
    """Log in a new person of a group, and return them."""

    def make(group, **others):
        user = get_user_model().objects.create_user(group or "nobody", **others)
        if group:
            user.groups.add(Group.objects.get(name=group))
        client.force_login(user)
        return user

    return make


@pytest.mark.parametrize("group", MAY)
def test_it_lets_people_do_what_their_group_says(client, person, group):
    person(group)
    for route in GUARDED:
        refused = code(call(client, route)) == "permission_denied"
        assert refused == (route.scope not in MAY[group]), named(route)


def test_it_lets_a_superuser_do_everything(client, admin_client):
    for route in GUARDED:
        assert code(call(admin_client, route)) not in REFUSED, named(route)


def test_it_does_not_let_in_somebody_who_was_put_out(client, person):
    user = person("admin")
    get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/api/v1/reports/").status_code == 401


def test_it_gives_people_what_anybody_may_as_well(client, person, settings):
    settings.ANONYMOUS_SCOPES = ["read"]
    person(None)
    assert client.get("/api/v1/reports/").status_code == 200


def test_it_gives_a_token_only_its_own(client, settings):
    settings.ANONYMOUS_SCOPES = ["read"]
    secret = tokens.issue(name="a", scopes=["ingest"], created_by="a test").secret
    response = client.get("/api/v1/reports/", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 403


def test_it_wants_the_csrf_token_of_a_session_that_changes_something(client, person):
    user = person("operator")
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.get("/api/v1/reports/").status_code == 200
    refused = strict.post("/api/v1/reports/")
    assert (refused.status_code, code(refused)) == (403, "csrf_failed")
    strict.cookies["csrftoken"] = "a" * 32
    granted = strict.post("/trigger_report", headers={"X-CSRFToken": "a" * 32})
    assert granted.status_code == 409  # There are no polls yet.


def test_it_wants_no_csrf_token_beside_a_token_of_the_api(client):
    strict = type(client)(enforce_csrf_checks=True)
    secret = tokens.issue(name="a", scopes=["read"], created_by="a test").secret
    response = strict.post(
        "/trigger_report", b"", "text/csv", headers={"Authorization": f"Bearer {secret}"}
    )
    assert response.status_code == 409


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("null", 403),
        ("http://[", 403),
        ("http://testserver.evil.example", 403),
        ("http://testserver", 409),
        ("https://monitor.example.com", 409),
        (None, 409),
    ],
)
def test_it_does_nothing_in_nobodys_name_for_another_sites_page(client, settings, origin, status):
    settings.ANONYMOUS_SCOPES = list(SCOPES)
    settings.CSRF_TRUSTED_ORIGINS = ["https://monitor.example.com"]
    headers = {"Origin": origin} if origin else {}
    response = client.post("/trigger_report", headers=headers)
    assert response.status_code == status
    assert (code(response) == "csrf_failed") == (status == 403)
    assert client.get("/api/v1/reports/", headers=headers).status_code == 200


@pytest.mark.parametrize("group", ["viewer", "operator"])
def test_its_groups_see_in_the_admin_what_they_see_over_the_api(client, person, groups, group):
    user = person(group)
    get_user_model().objects.filter(pk=user.pk).update(is_staff=True)
    pairs = {
        "webhooks/webhook": "webhooks",
        "schedules/schedule": "schedules",
        "reports/report": "reports",
        "ingestion/ingestion": "ingestions",
        "fleet/store": "stores",
        "targets/target": "targets",
    }
    for page, path in pairs.items():
        over_api = client.get(f"/api/v1/{path}/").status_code
        assert client.get(f"/admin/{page}/").status_code == over_api
    # Their logs are under each webhook and schedule, which asks for the scope too.
    for page in ("webhooks/delivery", "schedules/scheduledrun", "access/token"):
        assert client.get(f"/admin/{page}/").status_code == 403
