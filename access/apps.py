"""The Django app of access control."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, Warning, register  # noqa: A004 - Django's name
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Sets the label, which table names start with."""

    name = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        """Connect the signals and register the OpenAPI schemes."""
        from access import schema, signals  # noqa: F401, PLC0415 - they need the apps
        from access.groups import give_permissions  # noqa: PLC0415 - as above

        post_migrate.connect(give_permissions, dispatch_uid="access.groups")


@register(Tags.security, deploy=True)
def warn_of_anonymous_scopes(**_: Any) -> list[Warning]:
    """Warn, in `manage.py check --deploy`, if anyone may use the API without a token."""
    if not settings.ANONYMOUS_SCOPES:
        return []
    scopes = ", ".join(settings.ANONYMOUS_SCOPES)
    return [
        Warning(
            f"ANONYMOUS_SCOPES lets anyone who can reach the server do this: {scopes}.",
            hint="Leave it empty and create tokens: manage.py create_token.",
            id="access.W001",
        )
    ]
