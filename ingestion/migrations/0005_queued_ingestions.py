"""Let ingestions wait for a worker, and say how far they are."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0004_partition_polls"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="ingestion",
            name="ingestion_status_known",
        ),
        migrations.AddField(
            model_name="ingestion",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="done",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="enqueued_at",
            field=models.DateTimeField(
                help_text="When it was last queued, if a worker was needed.", null=True
            ),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="phase",
            field=models.CharField(
                blank=True, choices=[("reading", "Reading"), ("storing", "Storing")], max_length=16
            ),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="total",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="upload",
            field=models.FileField(blank=True, upload_to="uploads/"),
        ),
        migrations.AlterField(
            model_name="ingestion",
            name="started_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), null=True
            ),
        ),
        migrations.AlterField(
            model_name="ingestion",
            name="status",
            field=models.CharField(
                choices=[
                    ("Queued", "Queued"),
                    ("Running", "Running"),
                    ("Complete", "Complete"),
                    ("Failed", "Failed"),
                ],
                default="Running",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="ingestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["Queued", "Running", "Complete", "Failed"])),
                name="ingestion_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ingestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "Queued"), _negated=True),
                    models.Q(
                        models.Q(("upload", ""), _negated=True), ("enqueued_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="ingestion_queued_has_upload",
            ),
        ),
        migrations.AddConstraint(
            model_name="ingestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_at__isnull", False),
                    models.Q(("status", "Running"), _negated=True),
                    _connector="OR",
                ),
                name="ingestion_started_unless_queued",
            ),
        ),
        migrations.AddConstraint(
            model_name="ingestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("phase__in", ["", "reading", "storing"])),
                name="ingestion_phase_known",
            ),
        ),
    ]
