"""The Django app of reports."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports: requested, computed by workers, stored as files."""

    name = "reports"

    def ready(self) -> None:
        """Delete the sample's reports with the sample."""
        # Models cannot be imported before the apps are ready.
        from ingestion.signals import sample_removed  # noqa: PLC0415
        from reports.build.ending import delete_those_of_sample  # noqa: PLC0415

        sample_removed.connect(delete_those_of_sample, dispatch_uid="reports")
