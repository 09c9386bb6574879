"""Why a schedule was switched off; e-mails are queued less and less often."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schedules", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="schedule",
            name="inactive_because",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="Why it was switched off automatically.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="scheduledrun",
            name="announcements",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How often it was queued since it was last claimed."
            ),
        ),
        migrations.AddField(
            model_name="scheduledrun",
            name="enqueued_at",
            field=models.DateTimeField(help_text="When it was last queued.", null=True),
        ),
    ]
