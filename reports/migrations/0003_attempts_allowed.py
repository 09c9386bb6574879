"""A report may be tried again as often as its row says; putting shards together counts anew."""

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
