"""Have schedules name their time zone in ``fleet``: the same table, so nothing changes in it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial"), ("schedules", "0002_announcements")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="schedule",
                    name="time_zone",
                    field=models.ForeignKey(
                        db_column="time_zone",
                        default="UTC",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="fleet.timezone",
                    ),
                ),
            ]
        ),
    ]
