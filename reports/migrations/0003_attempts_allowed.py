"""The row says how often a report may be tried; assembling shards has its own attempts."""

from django.db import migrations, models

import jobs.models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_shards"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="attempts_allowed",
            field=models.PositiveSmallIntegerField(default=jobs.models.allowed_attempts),
        ),
        migrations.AddField(
            model_name="shard",
            name="attempts_allowed",
            field=models.PositiveSmallIntegerField(default=jobs.models.allowed_attempts),
        ),
    ]
