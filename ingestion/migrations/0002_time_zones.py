"""Fill the table of time zones; undoing it leaves the rows, which stores may need, to 0001."""

from django.db import migrations

from feeds.zones import known_time_zones


def fill(apps, schema_editor):
    time_zone = apps.get_model("ingestion", "TimeZone")
    time_zone.objects.bulk_create(
        [time_zone(name=name) for name in known_time_zones()], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
