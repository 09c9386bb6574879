"""Remove the models of the data, which ``fleet`` has taken over with their tables.

Permissions and the admin's history point to content types. These are renamed here, before
``migrate`` would create new ones, so both are kept.
"""

from django.db import migrations

_MODELS = (
    "businesshours",
    "dataversion",
    "poll",
    "pollrecord",
    "store",
    "storetag",
    "tag",
    "timezone",
)


def to_fleet(apps, schema_editor):
    _rename(apps, schema_editor, "ingestion", "fleet")


def to_ingestion(apps, schema_editor):
    _rename(apps, schema_editor, "fleet", "ingestion")


def _rename(apps, schema_editor, old, new):
    content_types = apps.get_model("contenttypes", "ContentType").objects
    content_types = content_types.using(schema_editor.connection.alias)
    theirs = content_types.filter(app_label=old, model__in=_MODELS)
    known = list(theirs.values_list("model", flat=True))
    # Made by a migrate that stopped between the two migrations; nothing was granted on them yet.
    content_types.filter(app_label=new, model__in=known).delete()
    theirs.update(app_label=new)


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0013_put_off"),
        ("fleet", "0001_initial"),
        ("schedules", "0003_time_zone_of_fleet"),
        # So that deleting a content type finds the permissions on it.
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="Poll"),
                migrations.DeleteModel(name="PollRecord"),
                migrations.DeleteModel(name="BusinessHours"),
                migrations.RemoveField(model_name="store", name="tags"),
                migrations.DeleteModel(name="StoreTag"),
                migrations.DeleteModel(name="Store"),
                migrations.DeleteModel(name="Tag"),
                migrations.DeleteModel(name="TimeZone"),
                migrations.DeleteModel(name="DataVersion"),
            ]
        ),
        migrations.RunPython(to_fleet, to_ingestion),
    ]
