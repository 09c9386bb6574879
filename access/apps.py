"""The app of access."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Its label goes into table names."""

    name = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        """Have people's groups kept, log-ins logged, deployments checked, tokens in the schema."""
        from access import checks, schema, signals  # noqa: F401, PLC0415 - they need the apps
        from access.groups import give_permissions  # noqa: PLC0415 - as above

        post_migrate.connect(give_permissions, dispatch_uid="access.groups")
