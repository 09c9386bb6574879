"""Whatever ended says when: webhooks and retention go by that."""

from django.db import migrations, models
from django.db.models.functions import Coalesce

ENDED = models.Q(status__in=["Complete", "Failed", "Cancelled"])


def say_when(apps, schema_editor):
    """Take the last instant that is known of a report that ended and does not say when."""
    report = apps.get_model("reports", "Report")
    report.objects.filter(ENDED, finished_at=None).update(
        finished_at=Coalesce("started_at", "created_at")
    )
    report.objects.exclude(ENDED).exclude(finished_at=None).update(finished_at=None)


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_report_ended")]

    operations = [
        migrations.RunPython(say_when, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="report", name="report_cancelled_has_end"),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finished_at__isnull", False),
                    ("status__in", ["Complete", "Failed", "Cancelled"]),
                )
                | models.Q(("finished_at__isnull", True), ("status__in", ["Queued", "Running"])),
                name="report_ended_has_end",
            ),
        ),
    ]
