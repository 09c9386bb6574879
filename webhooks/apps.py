"""The Django app of webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks and the log of their deliveries."""

    name = "webhooks"

    def ready(self) -> None:
        """Connect to the ends of reports, and register the pruning of old deliveries."""
        from reports import retention as report_retention  # noqa: PLC0415 - needs the models
        from reports.signals import report_ended  # noqa: PLC0415
        from webhooks import retention, tasks  # noqa: PLC0415

        report_ended.connect(tasks.hurry, dispatch_uid="webhooks")
        report_retention.also_prune(retention)
