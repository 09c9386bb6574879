"""An index of the ingestions that are unfinished, among all there ever were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0007_data_version")]

    operations = [
        migrations.AddIndex(
            model_name="ingestion",
            index=models.Index(
                condition=models.Q(status__in=["Queued", "Running"]),
                fields=["feed"],
                name="ingestion_unfinished",
            ),
        )
    ]
