"""The project as Django sees it: an app of its own, and the admin with our site in it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class StoreMonitorConfig(AppConfig):
    """Workers, and the templates around all pages."""

    name = "storemonitor"
    verbose_name = "Store Monitoring"


class OperatorAdminConfig(AdminConfig):
    """Django's admin, whose home says how things stand."""

    default_site = "storemonitor.admin_site.OperatorSite"
