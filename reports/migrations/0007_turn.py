"""Senders are served in turn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the turn of a report, with what it takes to find the last one quickly."""

    dependencies = [("reports", "0006_ended_has_end")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="turn",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="Workers take the lowest first.",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["requested_by", "turn"], name="report_turn_of_sender"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("started_at__isnull", False)),
                fields=["turn"],
                name="report_turn_served",
            ),
        ),
    ]
