"""Large reports are cut into shards."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("Queued", "Queued"),
                            ("Running", "Running"),
                            ("Complete", "Complete"),
                            ("Failed", "Failed"),
                        ],
                        default="Queued",
                        max_length=16,
                    ),
                ),
                (
                    "enqueued_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When it was last queued.",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_expires_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                ("number", models.PositiveIntegerField()),
                ("first_key", models.PositiveIntegerField()),
                ("last_key", models.PositiveIntegerField()),
                ("store_count", models.PositiveIntegerField(null=True)),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="Its file in media storage.", max_length=200
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shards",
                        to="reports.report",
                    ),
                ),
            ],
            options={
                "ordering": ["report", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("report", "number"), name="shard_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["Queued", "Running", "Complete"])),
                        name="shard_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_key__lte", models.F("last_key"))),
                        name="shard_keys_ordered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "Running"), _negated=True),
                            ("lease_expires_at__isnull", False),
                            _connector="OR",
                        ),
                        name="shard_running_has_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "Complete"), _negated=True),
                            models.Q(
                                models.Q(("part", ""), _negated=True),
                                ("store_count__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="shard_complete_has_part",
                    ),
                ],
            },
        ),
    ]
