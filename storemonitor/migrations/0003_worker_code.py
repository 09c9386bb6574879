"""Workers say which code they run; those of the version before leave it empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storemonitor", "0002_worker_clock"),
    ]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="code",
            field=models.CharField(
                db_default="",
                default="",
                help_text="The version of the code it runs.",
                max_length=16,
            ),
        ),
    ]
