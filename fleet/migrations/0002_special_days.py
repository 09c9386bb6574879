"""Add the table of special days. Going back drops it with its rows."""

import datetime

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SpecialDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("opens", models.TimeField(blank=True, null=True)),
                (
                    "closes",
                    models.TimeField(
                        blank=True,
                        help_text="At or before the opening time means on the next day;"
                        " 23:59 means midnight.",
                        null=True,
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=200)),
                (
                    "made_by",
                    models.CharField(
                        editable=False,
                        help_text="A user, a token, or the sender of a file.",
                        max_length=150,
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        blank=True,
                        db_column="store_key",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="special_days",
                        to="fleet.store",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="special_days",
                        to="fleet.tag",
                    ),
                ),
            ],
            options={
                "ordering": ["date", "id"],
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("store__isnull", True), ("tag__isnull", True), _connector="OR"
                        ),
                        name="special_day_one_scope",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes__isnull", True), ("opens__isnull", True)),
                            models.Q(("closes__isnull", False), ("opens__isnull", False)),
                            _connector="OR",
                        ),
                        name="special_day_both_times",
                        violation_error_message="Give both times, or neither for a closed day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "date__range",
                                (datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)),
                            )
                        ),
                        name="special_day_date",
                        violation_error_message="The date must lie in the years 2000 to 2100.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("store__isnull", False), ("opens__isnull", False)),
                        fields=("store", "date", "opens", "closes"),
                        name="special_day_store_hours_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("tag__isnull", False), ("opens__isnull", False)),
                        fields=("tag", "date", "opens", "closes"),
                        name="special_day_tag_hours_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("store__isnull", True), ("tag__isnull", True), ("opens__isnull", False)
                        ),
                        fields=("date", "opens", "closes"),
                        name="special_day_fleet_hours_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("store__isnull", False), ("opens__isnull", True)),
                        fields=("store", "date"),
                        name="special_day_store_closed_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("tag__isnull", False), ("opens__isnull", True)),
                        fields=("tag", "date"),
                        name="special_day_tag_closed_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("store__isnull", True), ("tag__isnull", True), ("opens__isnull", True)
                        ),
                        fields=("date",),
                        name="special_day_fleet_closed_once",
                    ),
                ],
            },
        ),
    ]
