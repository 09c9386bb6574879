"""Which workers there are, as they say themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("pid", models.PositiveIntegerField(verbose_name="process id")),
                (
                    "processes",
                    models.PositiveSmallIntegerField(
                        help_text="The number of jobs it runs at once."
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField(help_text="The last heartbeat.")),
            ],
            options={
                "ordering": ["name", "pid"],
                "default_permissions": ["view"],
                "constraints": [
                    models.UniqueConstraint(fields=("name", "pid"), name="worker_once"),
                    models.CheckConstraint(
                        condition=models.Q(("beat_at__gte", models.F("started_at"))),
                        name="worker_beat_after_start",
                    ),
                ],
            },
        ),
    ]
