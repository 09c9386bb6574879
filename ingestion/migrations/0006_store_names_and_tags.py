"""Let stores have a name and tags, and the feed that brings them be recorded."""

from django.db import migrations, models


def forget_feed(apps, schema_editor):
    """Say of files of names and tags no longer which feed they were: it is not known any more."""
    apps.get_model("ingestion", "Ingestion").objects.filter(feed="stores").update(feed="")


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0005_queued_ingestions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50, unique=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tag_not_blank"
            ),
        ),
        migrations.AddField(
            model_name="store",
            name="name",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="A name for people.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="store",
            name="tags",
            field=models.ManyToManyField(blank=True, related_name="stores", to="ingestion.tag"),
        ),
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
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="ingestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("feed__in", ["", "status", "hours", "timezones", "stores"])),
                name="ingestion_feed_known",
            ),
        ),
    ]
