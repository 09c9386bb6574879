"""A report of kind targets keeps the targets that it was made by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0011_kind"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="report",
            name="report_kind_known",
        ),
        migrations.AddField(
            model_name="report",
            name="targets",
            field=models.JSONField(
                editable=False, help_text="What a report of kind targets judges by.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="kind",
            field=models.CharField(
                choices=[
                    ("uptime", "Uptime"),
                    ("rollup", "Rollup"),
                    ("outages", "Outages"),
                    ("targets", "Targets"),
                ],
                db_default="uptime",
                default="uptime",
                help_text="What its rows are.",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["uptime", "rollup", "outages", "targets"])),
                name="report_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "targets"), ("targets__isnull", False)),
                    models.Q(
                        models.Q(("kind", "targets"), _negated=True), ("targets__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="report_targets_of_kind",
            ),
        ),
    ]
