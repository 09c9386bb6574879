"""The app that owns reports."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports: requested, computed by workers, kept as files."""

    name = "reports"
