"""Schedules say what time in which nobody polled counts as."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schedules", "0004_kind"),
    ]

    operations = [
        migrations.AddField(
            model_name="schedule",
            name="poller_outages",
            field=models.CharField(
                choices=[("fill", "Fill"), ("unknown", "Unknown")],
                db_default="fill",
                default="fill",
                help_text="What time in which nobody polled counts as.",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("poller_outages__in", ["fill", "unknown"])),
                name="schedule_poller_outages_known",
            ),
        ),
    ]
