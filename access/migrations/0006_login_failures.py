"""Failed log-ins in a row, and the locks that they lead to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_changes_by_pages"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoginFailures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.CharField(max_length=150)),
                (
                    "place",
                    models.CharField(
                        help_text="An address, a browser, or anywhere.", max_length=100
                    ),
                ),
                ("failures", models.PositiveIntegerField()),
                ("last_at", models.DateTimeField(db_index=True, verbose_name="last (UTC)")),
                (
                    "locked_until",
                    models.DateTimeField(null=True, verbose_name="locked until (UTC)"),
                ),
            ],
            options={
                "verbose_name_plural": "failed log-ins",
                "ordering": ["-last_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "place"), name="login_failures_once_per_place"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account", ""), _negated=True),
                        name="login_failures_have_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("locked_until", None),
                            ("locked_until__gt", models.F("last_at")),
                            _connector="OR",
                        ),
                        name="login_failures_locked_after_last",
                    ),
                ],
            },
        ),
    ]
