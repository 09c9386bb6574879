"""The reports that have just ended are found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_parameters")]

    operations = [
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["finished_at"], name="report_ended"),
        ),
    ]
