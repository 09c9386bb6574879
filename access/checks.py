"""What `manage.py check --deploy` says of access."""

from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register  # noqa: A004 - Django's name


@register(Tags.security, deploy=True)
def nobody_unknown_may(**_: Any) -> list[Warning]:
    """Warn where anybody may use the API."""
    if not settings.ANONYMOUS_SCOPES:
        return []
    scopes = ", ".join(settings.ANONYMOUS_SCOPES)
    return [
        Warning(
            f"ANONYMOUS_SCOPES lets anybody who can reach the server do this: {scopes}.",
            hint="Leave it empty and make tokens: manage.py create_token.",
            id="access.W001",
        )
    ]
