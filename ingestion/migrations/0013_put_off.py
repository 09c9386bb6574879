"""A file with a passing error is due again later, and queued less and less often."""

from django.db import migrations, models

import jobs.models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0012_store_tags_model"),
    ]

    operations = [
        migrations.AddField(
            model_name="ingestion",
            name="announcements",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="How often it was queued since it was last claimed."
            ),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="attempts_allowed",
            field=models.PositiveSmallIntegerField(default=jobs.models.allowed_attempts),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="due_at",
            field=models.DateTimeField(
                help_text="Not tried again before this. Empty: at once.", null=True
            ),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="faults",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Attempts that ended with a passing error; each allows one more.",
            ),
        ),
    ]
