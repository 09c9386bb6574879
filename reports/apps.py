"""The app that owns reports."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports: requested, computed by workers, kept as files."""

    name = "reports"

    def ready(self) -> None:
        """Have the reports of the sample go with it."""
        # Models cannot be imported before the apps are there.
        from ingestion.signals import sample_removed  # noqa: PLC0415
        from reports.build.ending import delete_those_of_sample  # noqa: PLC0415

        sample_removed.connect(delete_those_of_sample, dispatch_uid="reports")
