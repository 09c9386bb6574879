"""What was found of the poller's outages, kept until the data change."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0008_put_off"),
    ]

    operations = [
        migrations.CreateModel(
            name="PollerSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "data_version",
                    models.BigIntegerField(
                        help_text="Version of the data; empty if it changed during the search.",
                        null=True,
                    ),
                ),
                (
                    "core",
                    models.CharField(help_text="SHA-256 of the code that searched.", max_length=64),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("data_version", "core", "since", "until"), name="poller_search_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("since__lte", models.F("until"))),
                        name="poller_search_forwards",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FoundOutage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=100)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("counts_from", models.DateTimeField()),
                ("stores", models.PositiveIntegerField(help_text="How many were being polled.")),
                (
                    "search",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outages",
                        to="reports.pollersearch",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            ("ended_at__gt", models.F("started_at")),
                            _connector="OR",
                        ),
                        name="found_outage_forwards",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counts_from__gte", models.F("started_at"))),
                        name="found_outage_counts_later",
                    ),
                ],
            },
        ),
    ]
