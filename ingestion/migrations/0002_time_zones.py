"""Fill the table of time zones; undoing it empties the table again."""

from django.db import migrations

from ingestion.zones import known_time_zones


def fill(apps, schema_editor):
    time_zone = apps.get_model("ingestion", "TimeZone")
    time_zone.objects.bulk_create(
        [time_zone(name=name) for name in known_time_zones()], ignore_conflicts=True
    )


def empty(apps, schema_editor):
    apps.get_model("ingestion", "TimeZone").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0001_initial")]
    operations = [migrations.RunPython(fill, empty)]
