"""The Django app of the dashboard."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The dashboard's pages, and the snapshots of the fleet that they show."""

    name = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"
