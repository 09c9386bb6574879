"""Schedules make reports of any kind."""

from django.db import migrations, models


def switch_off_other_kinds(apps, schema_editor):
    """Before there were kinds, such a schedule would send reports that nobody asked for."""
    schedules = apps.get_model("schedules", "Schedule").objects
    others = schedules.using(schema_editor.connection.alias).exclude(kind="uptime")
    others.filter(active=True).update(
        active=False, inactive_because="This version does not know its kind of report."
    )


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
        migrations.RunPython(migrations.RunPython.noop, switch_off_other_kinds),
    ]
