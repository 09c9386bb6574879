"""Reports say what is wanted, may be cancelled, and may be asked for twice."""

import datetime

import django.db.models.deletion
from django.db import migrations, models

import reports.models


def fail_the_cancelled(apps, schema_editor):
    """Earlier versions know no other word for a report that ended without a file."""
    report = apps.get_model("reports", "Report")
    report.objects.filter(status="Cancelled").update(status="Failed", error="Cancelled.")


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_attempts_allowed"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("requested_by", models.CharField(max_length=150)),
                ("key", models.CharField(max_length=255)),
                ("request", models.CharField(max_length=64, verbose_name="SHA-256 of the request")),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="report",
            name="report_status_known",
        ),
        migrations.RunPython(migrations.RunPython.noop, fail_the_cancelled),
        migrations.AddField(
            model_name="report",
            name="columns",
            field=models.CharField(
                choices=[("classic", "Classic"), ("full", "Full")], default="classic", max_length=16
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="data_version",
            field=models.BigIntegerField(
                editable=False,
                help_text="Version of the data; empty if it changed during the computation.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="fingerprint",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="SHA-256 of everything that affects the numbers except the data.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="max_gap",
            field=models.DurationField(
                help_text="Time further than this from any poll is unknown. Empty: no limit.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="stores",
            field=models.JSONField(
                help_text="Which stores: ids, time_zone, tag. Empty: all stores.", null=True
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="windows",
            field=models.JSONField(
                default=reports.models.classic_window_texts,
                help_text="Canonical texts, such as 24h.",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="status",
            field=models.CharField(
                choices=[
                    ("Queued", "Queued"),
                    ("Running", "Running"),
                    ("Complete", "Complete"),
                    ("Failed", "Failed"),
                    ("Cancelled", "Cancelled"),
                ],
                default="Queued",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="shard",
            name="status",
            field=models.CharField(
                choices=[
                    ("Queued", "Queued"),
                    ("Running", "Running"),
                    ("Complete", "Complete"),
                    ("Failed", "Failed"),
                    ("Cancelled", "Cancelled"),
                ],
                default="Queued",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("fingerprint", ""), _negated=True),
                fields=["fingerprint"],
                name="report_reusable",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["Queued", "Running", "Complete", "Failed", "Cancelled"])
                ),
                name="report_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("columns__in", ["classic", "full"])),
                name="report_columns_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_gap__isnull", True),
                    ("max_gap__gt", datetime.timedelta(0)),
                    _connector="OR",
                ),
                name="report_max_gap_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "Cancelled"), _negated=True),
                    ("finished_at__isnull", False),
                    _connector="OR",
                ),
                name="report_cancelled_has_end",
            ),
        ),
        migrations.AddField(
            model_name="idempotencykey",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="idempotency_keys",
                to="reports.report",
            ),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(
                fields=("requested_by", "key"), name="idempotency_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.CheckConstraint(
                condition=models.Q(("key", ""), _negated=True), name="idempotency_key_not_blank"
            ),
        ),
    ]
