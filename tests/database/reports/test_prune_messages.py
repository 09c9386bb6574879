"""Old deliveries and runs are pruned with the rest."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from reports.models import Report
from schedules import services as schedules
from schedules.models import ScheduledRun
from tests.database.answers import complete
from tests.database.clocks import standing_still
from webhooks import deliveries
from webhooks import services as webhooks
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2024, 6, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with standing_still(NOW):
        yield


def prune():
    output = StringIO()
    call_command("prune", "--keep", "30d", "--apply", stdout=output)
    return output.getvalue()


def age(rows, **more):
    rows.update(ended_at=NOW - timedelta(days=31), next_attempt_at=None, error="-", **more)


def test_it_removes_old_pings_and_deliveries_with_their_reports():
    webhook, _ = webhooks.create_webhook(created_by="a test", name="BI", url="https://example.com")
    old, young = complete(), complete()
    for report in (old, young):
        deliveries.record_report(report.pk)
    Report.objects.filter(pk=old.pk).update(finished_at=NOW - timedelta(days=31))
    pings = [webhooks.create_ping(webhook) for _ in range(2)]
    age(Delivery.objects.filter(pk=pings[0].pk), status="Failed")

    said = prune()

    left = set(Delivery.objects.values_list("report", "event"))
    assert left == {(young.pk, "report.complete"), (None, "ping")}
    assert "1 pings of webhooks" in said


def test_it_removes_old_runs_and_never_makes_up_for_them_again():
    schedule = schedules.create_schedule(created_by="a test", name="A", cadence="daily", hour=1)
    with standing_still(NOW + timedelta(days=1)):
        assert len(schedules.start_due(timezone.now())) == 1
        age(schedule.runs.all(), status="Failed")

        said = prune()

        assert "1 runs of schedules" in said
        assert not ScheduledRun.objects.exists()
        assert schedules.start_due(timezone.now()) == []
