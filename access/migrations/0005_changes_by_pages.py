"""Changes made on pages of the dashboard are told apart from those of the API."""

from django.db import migrations, models
from django.db.models import Q


def call_them_api(apps, schema_editor):
    entries = apps.get_model("access", "AuditEntry").objects.using(schema_editor.connection.alias)
    entries.filter(how="page").update(how="api")


class Migration(migrations.Migration):
    dependencies = [("access", "0004_names_of_senders")]
    operations = [
        migrations.RemoveConstraint(model_name="auditentry", name="audit_how_known"),
        migrations.AlterField(
            model_name="auditentry",
            name="how",
            field=models.CharField(
                choices=[
                    ("api", "API"),
                    ("admin", "admin"),
                    ("page", "dashboard"),
                    ("command", "command line"),
                    ("schedule", "schedule"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="auditentry",
            constraint=models.CheckConstraint(
                condition=Q(how__in=["api", "admin", "page", "command", "schedule"]),
                name="audit_how_known",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, call_them_api),
    ]
