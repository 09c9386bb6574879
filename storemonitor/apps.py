"""The project as a Django app, and the admin with our site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StoreMonitorConfig(AppConfig):
    """Worker heartbeats, and the templates around all pages."""

    name = "storemonitor"
    verbose_name = "Store Monitoring"


class OperatorAdminConfig(AdminConfig):
    """Django's admin with a home page that shows the system's status."""

    default_site = "storemonitor.admin_site.OperatorSite"
