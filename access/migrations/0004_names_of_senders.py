"""Reports keep which token they were requested by: its name and its prefix, as names come again."""

from django.db import migrations
from django.db.models import Count


def name_tokens(apps, schema_editor):
    """Name the only token with this name; if there were several, it is unknown which one it was."""
    alias = schema_editor.connection.alias
    tokens = apps.get_model("access", "Token").objects.using(alias)
    repeated = tokens.order_by().values("name").annotate(count=Count("pk")).filter(count__gt=1)
    for token in tokens.exclude(name__in=repeated.values("name")):
        for model in ("Report", "IdempotencyKey"):
            rows = apps.get_model("reports", model).objects.using(alias)
            rows.filter(requested_by=f"token {token.name}").update(
                requested_by=f"token {token.name} ({token.prefix})"
            )


def name_them_as_before(apps, schema_editor):
    alias = schema_editor.connection.alias
    for token in apps.get_model("access", "Token").objects.using(alias).all():
        for model in ("Report", "IdempotencyKey"):
            rows = apps.get_model("reports", model).objects.using(alias)
            rows.filter(requested_by=f"token {token.name} ({token.prefix})").update(
                requested_by=f"token {token.name}"
            )


class Migration(migrations.Migration):
    dependencies = [("access", "0003_admins_only"), ("reports", "0004_parameters")]
    operations = [migrations.RunPython(name_tokens, name_them_as_before)]
