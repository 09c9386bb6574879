"""Mark the stores of the sample, and say of ingestions whether they are of it or replaced it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0009_pruned_before"),
    ]

    operations = [
        migrations.AddField(
            model_name="ingestion",
            name="is_sample",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="A file of the sample, not of real stores.",
            ),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="keep_sample",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The sample was kept when this file was stored.",
            ),
        ),
        migrations.AddField(
            model_name="ingestion",
            name="sample_stores_removed",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="Sample stores that were removed, with their polls and reports.",
            ),
        ),
        migrations.AddField(
            model_name="store",
            name="is_sample",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Removed when real data arrive.",
            ),
        ),
        migrations.AddIndex(
            model_name="store",
            index=models.Index(
                condition=models.Q(("is_sample", True)), fields=["key"], name="store_sample"
            ),
        ),
    ]
