"""Let each delivery write the stores' last polls in place, and have none of the far future.

Old rows leave full pages as they are next written; the table need not be rewritten at once.
"""

from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

LAST_ONES = """
    UPDATE ingestion_store SET
        last_polled_at = (SELECT p.polled_at FROM ingestion_poll p
            WHERE p.store_key = ingestion_store.store_key AND p.polled_at <= %s
            ORDER BY p.polled_at DESC LIMIT 1),
        last_status = (SELECT p.status FROM ingestion_poll p
            WHERE p.store_key = ingestion_store.store_key AND p.polled_at <= %s
            ORDER BY p.polled_at DESC LIMIT 1)
    WHERE last_polled_at > %s
"""


def forget_far_future(apps, schema_editor):
    latest = timezone.now() + timedelta(hours=settings.POLL_MAX_AHEAD_HOURS)
    value = schema_editor.connection.ops.adapt_datetimefield_value(latest)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(LAST_ONES, [value, value, value])


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE ingestion_store SET (fillfactor = 45)")


def fill_pages(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE ingestion_store RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0010_sample_stores")]

    operations = [
        migrations.RunPython(leave_room, fill_pages),
        migrations.AlterField(
            model_name="store",
            name="last_polled_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunPython(forget_far_future, migrations.RunPython.noop),
    ]
