"""The app of access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Its label goes into table names."""

    name = "access"
    verbose_name = "Access"
