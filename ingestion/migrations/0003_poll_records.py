"""Declare the read-only view of polls that the admin lists; nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0002_time_zones"),
    ]

    operations = [
        migrations.CreateModel(
            name="PollRecord",
            fields=[
                ("polled_at", models.DateTimeField(primary_key=True, serialize=False)),
                ("status", models.SmallIntegerField(choices=[(0, "inactive"), (1, "active")])),
            ],
            options={
                "verbose_name": "poll",
                "db_table": "ingestion_poll",
                "ordering": ["-polled_at", "-store_id"],
                "managed": False,
                "default_permissions": ["view"],
            },
        ),
    ]
