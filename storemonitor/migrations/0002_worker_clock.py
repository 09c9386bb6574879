"""Whether a worker's clock is right."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storemonitor", "0001_workers"),
    ]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="clock_ahead",
            field=models.DurationField(
                default=datetime.timedelta(0),
                help_text="How far its own clock is ahead of the database's.",
            ),
        ),
    ]
