"""The table of exclusions."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0002_special_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("fleet", "the whole fleet"),
                            ("tag", "a tag"),
                            ("store", "a store"),
                        ],
                        max_length=5,
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="With a rule: no occurrence reaches beyond it.",
                        null=True,
                        verbose_name="to",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="RFC 5545, at most once a day: FREQ=WEEKLY;BYDAY=SU",
                        max_length=300,
                    ),
                ),
                (
                    "first_date",
                    models.DateField(
                        blank=True,
                        help_text="In the time zone; nothing occurs before it.",
                        null=True,
                    ),
                ),
                (
                    "start_time",
                    models.TimeField(blank=True, help_text="In the time zone.", null=True),
                ),
                (
                    "duration_us",
                    models.BigIntegerField(blank=True, null=True, verbose_name="duration"),
                ),
                ("reason", models.CharField(max_length=500)),
                ("created_by", models.CharField(editable=False, max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        blank=True,
                        db_column="store_key",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exclusions",
                        to="fleet.store",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exclusions",
                        to="fleet.tag",
                    ),
                ),
                (
                    "time_zone",
                    models.ForeignKey(
                        blank=True,
                        db_column="time_zone",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fleet.timezone",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("scope", "fleet"), ("store__isnull", True), ("tag__isnull", True)
                            ),
                            models.Q(
                                ("scope", "tag"), ("store__isnull", True), ("tag__isnull", False)
                            ),
                            models.Q(
                                ("scope", "store"), ("store__isnull", False), ("tag__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="exclusion_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_at__gt", models.F("starts_at")),
                                ("ends_at__isnull", False),
                                ("rule", ""),
                                ("starts_at__isnull", False),
                                ("duration_us__isnull", True),
                                ("first_date__isnull", True),
                                ("start_time__isnull", True),
                                ("time_zone__isnull", True),
                            ),
                            models.Q(
                                models.Q(("rule", ""), _negated=True),
                                ("duration_us__range", (60000000, 2678400000000)),
                                ("starts_at__isnull", True),
                                ("duration_us__isnull", False),
                                ("first_date__isnull", False),
                                ("start_time__isnull", False),
                                ("time_zone__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="exclusion_once_or_recurring",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("created_by", ""), _negated=True),
                        ),
                        name="exclusion_explained",
                    ),
                ],
            },
        ),
    ]
