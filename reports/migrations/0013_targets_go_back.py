"""On the way back, reports of kind targets go: an earlier version cannot say what they are.

A migration of its own: PostgreSQL alters no table with rows deleted in the same transaction.
"""

from django.db import migrations


def remove(apps, schema_editor):
    reports = apps.get_model("reports", "Report").objects.using(schema_editor.connection.alias)
    reports.filter(kind="targets").delete()


class Migration(migrations.Migration):
    dependencies = [("reports", "0012_targets")]
    operations = [migrations.RunPython(migrations.RunPython.noop, remove)]
