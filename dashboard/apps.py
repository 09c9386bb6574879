"""The Django app of the dashboard."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The dashboard's pages, and the snapshots of the fleet that they show."""

    name = "dashboard"

    def ready(self) -> None:
        """Register the removal of files that a killed worker left behind."""
        from dashboard.snapshots.retention import remove_orphans  # noqa: PLC0415 - needs the models
        from reports.retention import also_remove_orphans  # noqa: PLC0415

        also_remove_orphans(remove_orphans)
