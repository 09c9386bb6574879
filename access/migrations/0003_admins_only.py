"""Webhooks, deliveries, schedules and their runs are shown to administrators, as over the API."""

from django.db import migrations
from django.db.models import Q

_TAKEN = Q(content_type__app_label="webhooks", codename__in=["view_webhook", "view_delivery"]) | Q(
    content_type__app_label="schedules", codename__in=["view_schedule", "view_scheduledrun"]
)


def take_away(apps, schema_editor):
    alias = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(alias).filter(_TAKEN)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for group in groups.filter(name__in=["viewer", "operator"]):
        group.permissions.remove(*permissions)


class Migration(migrations.Migration):
    dependencies = [("access", "0002_groups")]
    # Undone by the release before: it gives its groups what they had after each migration.
    operations = [migrations.RunPython(take_away, migrations.RunPython.noop)]
