"""Concurrent changes of a schedule or a webhook: each starts from the result of the other."""

import json
from datetime import UTC, datetime
from functools import partial

import pytest
from django.test import Client

from fleet.models import TimeZone
from schedules import planning, services, tasks
from schedules.models import Schedule
from tests.database.clocks import standing_still
from tests.database.schedules.runs.beginning import make
from tests.database.threads import at_once
from tests.database.webhooks.deliveries.making import make as make_webhook
from webhooks import services as webhook_services
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2024, 3, 9, 18, tzinfo=UTC)


@pytest.fixture
def clock():
    with standing_still(NOW) as moved:
        yield moved


def patch(path, **values):
    return Client().patch(path, json.dumps(values), content_type="application/json")


def test_a_schedule_is_due_by_what_both_changes_made_of_it(clock):
    schedule = make()
    first, second = (Schedule.objects.get() for _ in range(2))

    services.change_schedule(first, hour=13)
    changed = services.change_schedule(second, minute=45)

    schedule.refresh_from_db()
    assert (schedule.hour, schedule.minute) == (13, 45)
    assert schedule.next_due_at == datetime(2024, 3, 9, 19, 45, tzinfo=UTC)
    assert (changed.hour, changed.next_due_at) == (13, schedule.next_due_at)


def test_a_schedule_changed_back_meanwhile_is_changed_all_the_same(clock):
    """It has what the second request had read, not what is in the row."""
    make()
    seen = Schedule.objects.get()
    services.change_schedule(Schedule.objects.get(), hour=13)

    services.change_schedule(seen, hour=6)

    assert Schedule.objects.get().hour == 6
    assert Schedule.objects.get().next_due_at == datetime(2024, 3, 10, 11, 30, tzinfo=UTC)


def test_patches_that_do_not_fit_each_other_are_refused_and_no_fault_of_ours(clock):
    """The second is checked against the result of the first, though it came in before."""
    schedule = make()
    path = f"/api/v1/schedules/{schedule.pk}/"
    bodies = [
        {"cadence": "hourly", "hour": None},
        {"cadence": "weekly", "weekday": 3},
        {"hour": 20},
        {"minute": 15},
    ]

    answers = at_once(*[partial(patch, path, **body) for body in bodies * 2])

    assert {answer.status_code for answer in answers} <= {200, 422}, answers
    left = Schedule.objects.get()
    expected = planning.next_periods(left.rule, after=NOW, count=1)[0].due_at
    assert left.next_due_at == expected


def test_a_webhook_keeps_an_event_whatever_two_choose_at_once():
    make_webhook()
    path = f"/api/v1/webhooks/{Webhook.objects.get().pk}/"
    first, second = (Webhook.objects.get() for _ in range(2))

    webhook_services.change_webhook(first, on_complete=True, on_failed=False)
    webhook_services.change_webhook(second, on_complete=False, on_failed=True)

    assert Webhook.objects.get().events == ["report.failed"]
    bodies = [{"events": ["report.complete"]}, {"events": ["report.failed"]}]
    answers = at_once(*[partial(patch, path, **body) for body in bodies * 3])
    assert {answer.status_code for answer in answers} == {200}
    assert len(Webhook.objects.get().events) == 1


def test_a_webhook_that_is_gone_meanwhile_is_not_found():
    webhook = make_webhook()
    path = f"/api/v1/webhooks/{webhook.pk}/"
    answers = at_once(
        partial(Client().post, f"{path}rotate-secret/"),
        partial(Client().post, f"{path}test/"),
        partial(Client().delete, path),
        partial(patch, path, name="Another"),
    )
    assert {answer.status_code for answer in answers} <= {200, 202, 204, 404}, answers


# A zone that is gone.


def gone(schedule):
    TimeZone.objects.get_or_create(name="Asia/Atlantis")
    Schedule.objects.filter(pk=schedule.pk).update(time_zone_id="Asia/Atlantis")
    return f"/api/v1/schedules/{schedule.pk}/"


def test_a_schedule_without_a_known_zone_is_switched_off_once_with_the_reason(
    clock, caplog, client
):
    path = gone(make())
    assert client.get(path).json()["next_runs"] == []
    clock.shift(86400)

    for _ in range(3):
        tasks.sweep()

    said = client.get(path).json()
    assert (said["active"], said["next_runs"]) == (False, [])
    assert said["inactive_because"].startswith("Its time zone, Asia/Atlantis, is no longer in")
    assert caplog.text.count("switched off") == 1


def test_a_schedule_goes_on_in_another_zone(clock, client):
    path = gone(make())
    clock.shift(86400)
    tasks.sweep()

    for body in ({"active": True}, {"active": True, "hour": 7}):
        refused = patch(path, **body)
        assert refused.status_code == 422
        assert "Asia/Atlantis" in refused.content.decode()
    assert patch(path, name="Renamed", hour=7).status_code == 200

    mended = patch(path, active=True, time_zone="Europe/Berlin").json()
    assert (mended["inactive_because"], len(mended["next_runs"])) == ("", 3)
    clock.shift(86400)
    assert tasks.sweep() == 1


def test_a_schedule_without_a_known_zone_is_shown_in_the_admin(clock, admin_client, admin_user):
    schedule = make()
    gone(schedule)
    pages = ("/admin/schedules/schedule/", f"/admin/schedules/schedule/{schedule.pk}/change/")
    assert [admin_client.get(page).status_code for page in pages] == [200, 200]
    clock.shift(86400)
    tasks.sweep()
    admin_client.force_login(admin_user)  # The session has ended meanwhile.
    for page in pages:
        assert "Its time zone, Asia/Atlantis" in admin_client.get(page).content.decode()
