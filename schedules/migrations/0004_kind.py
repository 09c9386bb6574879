"""Schedules make reports of any kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0001_initial"),
        ("schedules", "0003_time_zone_of_fleet"),
    ]

    operations = [
        migrations.AddField(
            model_name="schedule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("uptime", "Uptime"),
                    ("rollup", "Rollup"),
                    ("outages", "Outages"),
                    ("targets", "Targets"),
                ],
                db_default="uptime",
                default="uptime",
                help_text="What the rows of a report are.",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["uptime", "rollup", "outages", "targets"])),
                name="schedule_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "uptime"), ("columns", "classic"), _connector="OR"),
                name="schedule_kind_has_columns",
                violation_error_message="Only a report of kind uptime has a choice of columns.",
            ),
        ),
    ]
