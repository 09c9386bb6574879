"""Deliveries are queued less and less often."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="announcements",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How often it was queued since it was last claimed."
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="enqueued_at",
            field=models.DateTimeField(help_text="When it was last queued.", null=True),
        ),
    ]
