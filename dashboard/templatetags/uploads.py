"""What a form for files has to know of the settings."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def upload_limit() -> int:
    """Return the size in bytes above which a file is refused."""
    limit: int = settings.MAX_UPLOAD_BYTES
    return limit
