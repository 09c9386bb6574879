"""Every call of the OpenAPI document, as everybody who may not make it.

The list of calls comes from the document, so a new one fails here until ``NEEDS`` says who may.
"""

import json
import re

import pytest
from django.test import Client

from access.scopes import SCOPES, allowed_by
from tests.database.access.everywhere.conftest import contents
from tests.database.answers import release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

OWNED = {"reports_destroy", "reports_cancel"}  # One's own; those of others need ``admin``.
NEEDS = {
    "healthz": None,
    "readyz": None,
    **dict.fromkeys(
        (
            "trigger_report",
            "get_report",
            "download_report",
            "reports_list",
            "reports_create",
            "reports_retrieve",
            "reports_destroy",
            "reports_cancel",
            "reports_download",
            "reports_download_as",
            "reports_events",
            "stores_list",
            "stores_retrieve",
            "store_polls",
            "store_uptime",
            "store_timeline",
            "store_explain",
            "exclusions_list",
            "exclusions_retrieve",
            "poller_outages_list",
            "special_days_list",
            "special_days_retrieve",
            "special_days_proposals",
            "hours_suggestions",
            "targets_list",
            "targets_retrieve",
            "target_results",
            "reports_dispute_pack",
            "reports_compare",
            "metrics",
            "ingestions_list",
            "ingestions_retrieve",
            "ingestion_rejects",
        ),
        "read",
    ),
    **dict.fromkeys(("polls_create", "ingestions_create"), "ingest"),
    **dict.fromkeys(
        (
            "stores_partial_update",
            "stores_update",
            "stores_destroy",
            "special_days_create",
            "special_days_update",
            "special_days_delete",
            "exclusions_create",
            "exclusions_update",
            "exclusions_destroy",
            "schedules_list",
            "schedules_create",
            "schedules_retrieve",
            "schedules_update",
            "schedules_delete",
            "schedule_runs_list",
            "targets_create",
            "targets_update",
            "targets_delete",
            "webhooks_list",
            "webhooks_create",
            "webhooks_retrieve",
            "webhooks_update",
            "webhooks_delete",
            "webhooks_rotate",
            "webhooks_test",
            "deliveries_list",
            "deliveries_retrieve",
            "deliveries_retry",
        ),
        "admin",
    ),
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Where the document has no example of a body, or its example needs more than the call.
BODIES = {
    "schedules_update": {"hour": 7},
    "webhooks_update": {"name": "BI 2"},
    "targets_update": {"percentage": 98},
}
QUERIES = {
    "download_report": "?report_id={report_id}",
    "reports_dispute_pack": "?store={store_id}",
    "special_days_proposals": "?country=US&year=2026",
    "reports_compare": "?with={report_id}",
}
NO_SUCH = "00000000-0000-4000-8000-000000000000"
UNKNOWN = {"report_id": NO_SUCH, "delivery_id": NO_SUCH, "store_id": "nobody", "suffix": "csv"}
NUMBERS = (
    *("ingestion_id", "schedule_id", "target_id", "webhook_id"),
    *("special_day_id", "exclusion_id"),
)
UNKNOWN |= dict.fromkeys(NUMBERS, "999999")
# The answer to the right sender where it is no success: no row was rejected, and the file of the
# report is neither of its data nor has its columns.
ANSWERS = {"ingestion_rejects": 404, "reports_dispute_pack": 409, "reports_compare": 410}
# Reads that keep what they have found for the next one.
KEEPING = {"poller_outages_list"}


def described():
    """Return path, method and description of each call, by its name."""
    document = Client().get("/api/schema", {"format": "json"}).json()
    return {
        one["operationId"]: (path, method.upper(), one)
        for path, item in document["paths"].items()
        for method, one in item.items()
    }


@pytest.fixture(scope="module")
def calls():
    return described()


def test_each_call_is_classified(calls):
    """Say in ``NEEDS`` who may make a new call; the tests below then hold it to that."""
    assert set(calls) == set(NEEDS)


def filled(path, things, *, name=""):
    """Return the address of a thing that is there."""
    swapped = name == "reports_cancel" and things["report_id"] != NO_SUCH
    chosen = things | ({"report_id": things["unfinished"]} if swapped else {})
    chosen = {"suffix": "csv", **chosen}
    return re.sub(r"{(\w+)}", lambda part: _key(chosen[part[1]]), path + QUERIES.get(name, ""))


def _key(thing):
    return str(getattr(thing, "store_id", None) or getattr(thing, "pk", thing))


def body(name, call):
    """Return a body that the call accepts, and its media type."""
    if name in BODIES:
        return json.dumps(BODIES[name]), "application/json"
    for media_type, content in call.get("requestBody", {}).get("content", {}).items():
        examples = [one["value"] for one in content.get("examples", {}).values()]
        if examples:
            first = examples[0]
            return (first if isinstance(first, str) else json.dumps(first)), media_type
    return "", "application/json"


def send(name, call, address, secret, method=None):
    text, media_type = body(name, call[2])
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return Client().generic(method or call[1], address, text, media_type, headers=headers)


def refused(response, status, code):
    """Tell whether the answer is this problem and says nothing of what it kept."""
    problem = response.json()
    return (response.status_code, problem["code"]) == (status, code)


@pytest.mark.parametrize("name", sorted(name for name, needs in NEEDS.items() if needs))
def test_nobody_gets_through_without_the_right_and_nothing_changes(
    calls, things, unusable, issued, name
):
    call, needs = calls[name], NEEDS[name]
    too_low = [one for one in SCOPES if needs not in allowed_by([one])]
    weak = {one: issued(f"only {one}", one).secret for one in too_low}
    another = issued("another", "read", "ingest").secret
    right = things["owner"] if name in OWNED else issued("right one", needs).secret
    address, unknown = (filled(call[0], ids, name=name) for ids in (things, things | UNKNOWN))
    before = contents()

    for who, secret in unusable.items():
        code = "invalid_token" if secret else "not_authenticated"
        for place in (address, unknown):
            assert refused(send(name, call, place, secret), 401, code), (who, place)
    for scope, secret in weak.items():
        for place in (address, unknown):
            assert refused(send(name, call, place, secret), 403, "permission_denied"), scope
    if name in OWNED:
        assert refused(send(name, call, address, another), 403, "permission_denied")
    assert {"401", "403"} <= set(call[2]["responses"])
    assert contents() == before

    granted = send(name, call, address, right)
    assert granted.status_code == ANSWERS.get(name, granted.status_code)
    assert name in ANSWERS or granted.status_code < 300, granted.content
    release(granted)
    reads = call[1] == "GET" or name in ANSWERS
    assert name in KEEPING or (contents() == before) == reads


@pytest.mark.parametrize("held", [(), ("read",), ("read", "ingest")])
def test_no_other_method_of_an_address_does_anything(calls, things, issued, held):
    secret = issued("other methods", *held).secret if held else None
    paths = {path for path, _, _ in calls.values()}
    documented = {(path, method) for path, method, _ in calls.values()}
    before = contents()
    for path in sorted(paths - {"/healthz", "/readyz"}):
        for method in METHODS:
            if (path, method) in documented or (method == "HEAD" and (path, "GET") in documented):
                continue
            answer = Client().generic(
                method,
                filled(path, things),
                "{}",
                "application/json",
                headers={"Authorization": f"Bearer {secret}"} if secret else {},
            )
            assert answer.status_code in {401, 403, 405}, (path, method, answer.status_code)
    assert contents() == before


def test_a_key_of_another_sender_does_not_lead_to_their_report(calls, things, issued):
    """An ``Idempotency-Key`` is known of its own sender only."""
    made = []
    for name in ("first", "second"):
        headers = {
            "Authorization": f"Bearer {issued(name, 'read').secret}",
            "Idempotency-Key": "the same",
        }
        answer = Client().post("/api/v1/reports/", "{}", "application/json", headers=headers)
        made.append(answer.json()["id"])
        assert "Idempotency-Replayed" not in answer
    assert len(set(made)) == 2


def test_a_token_with_an_old_name_does_not_own_what_that_name_left(calls, things, issued):
    again = issued("owner again", "read")
    type(again.token).objects.filter(name="owner").update(revoked_at=again.token.created_at)
    type(again.token).objects.filter(pk=again.token.pk).update(name="owner")
    call = calls["reports_cancel"]
    answer = send(
        "reports_cancel", call, filled(call[0], things, name="reports_cancel"), again.secret
    )
    assert refused(answer, 403, "permission_denied")
