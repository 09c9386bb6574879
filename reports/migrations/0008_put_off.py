"""A job with a passing error is due again later, and queued less and less often."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0007_turn"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="announcements",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="How often it was queued since it was last claimed."
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="due_at",
            field=models.DateTimeField(
                help_text="Not tried again before this. Empty: at once.", null=True
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="faults",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Attempts that ended with a passing error; each allows one more.",
            ),
        ),
        migrations.AddField(
            model_name="shard",
            name="announcements",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="How often it was queued since it was last claimed."
            ),
        ),
        migrations.AddField(
            model_name="shard",
            name="due_at",
            field=models.DateTimeField(
                help_text="Not tried again before this. Empty: at once.", null=True
            ),
        ),
        migrations.AddField(
            model_name="shard",
            name="faults",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Attempts that ended with a passing error; each allows one more.",
            ),
        ),
    ]
