"""Let the feed of special days be recorded."""

from django.db import migrations, models


def forget_feed(apps, schema_editor):
    """Say of files of special days no longer which feed they were: it is not known any more."""
    apps.get_model("ingestion", "Ingestion").objects.filter(feed="special_days").update(feed="")


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0014_data_to_fleet"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="ingestion",
            name="ingestion_feed_known",
        ),
        # Undone before the narrower constraint comes back.
        migrations.RunPython(migrations.RunPython.noop, forget_feed),
        migrations.AlterField(
            model_name="ingestion",
            name="feed",
            field=models.CharField(
                blank=True,
                choices=[
                    ("status", "store status"),
                    ("hours", "business hours"),
                    ("timezones", "time zones"),
                    ("stores", "names and tags of stores"),
                    ("special_days", "special days"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="ingestion",
            name="rows_removed",
            field=models.BigIntegerField(
                default=0,
                help_text="Earlier business hours or special days that the file replaced.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ingestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("feed__in", ["", "status", "hours", "timezones", "stores", "special_days"])
                ),
                name="ingestion_feed_known",
            ),
        ),
    ]
