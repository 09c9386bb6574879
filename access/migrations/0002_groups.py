"""The groups of people; ``access.groups`` gives them their permissions after each migration."""

from django.db import migrations

NAMES = ("viewer", "operator", "admin")


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in NAMES:
        groups.get_or_create(name=name)


def remove_empty_groups(apps, schema_editor):
    """Undo it; a group that people are in stays, as who it let in is not ours to forget."""
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name__in=NAMES, user=None).delete()


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make_groups, remove_empty_groups)]
