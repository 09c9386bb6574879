"""The Django app of schedules."""

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    """Schedules and the log of their runs."""

    name = "schedules"

    def ready(self) -> None:
        """Connect to the ends of reports, and register the pruning of old runs."""
        from reports import retention as report_retention  # noqa: PLC0415 - needs the models
        from reports.signals import report_ended  # noqa: PLC0415
        from schedules import retention, tasks  # noqa: PLC0415

        report_ended.connect(tasks.hurry, dispatch_uid="schedules")
        report_retention.also_prune(retention)
