"""The app that owns webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks, and the log of what was delivered to them."""

    name = "webhooks"

    def ready(self) -> None:
        """Listen to reports that end, and have old deliveries pruned."""
        from reports import retention as report_retention  # noqa: PLC0415 - needs the models
        from reports.signals import report_ended  # noqa: PLC0415
        from webhooks import retention, tasks  # noqa: PLC0415

        report_ended.connect(tasks.hurry, dispatch_uid="webhooks")
        report_retention.also_prune(retention)
