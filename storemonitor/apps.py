"""The project as a Django app, and the admin with our site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StoreMonitorConfig(AppConfig):
    """Worker heartbeats, and the templates around all pages."""

    name = "storemonitor"
    verbose_name = "Store Monitoring"

    def ready(self) -> None:
        """Register the removal of files that a killed process left behind."""
        from reports.retention import also_remove_orphans  # noqa: PLC0415 - needs the models
        from storemonitor.readiness.services import remove_orphans  # noqa: PLC0415

        also_remove_orphans(remove_orphans)


class OperatorAdminConfig(AdminConfig):
    """Django's admin with a home page that shows the system's status."""

    default_site = "storemonitor.admin_site.OperatorSite"
