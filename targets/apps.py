"""The Django app of targets."""

from django.apps import AppConfig
from django.db.models.signals import post_save


class TargetsConfig(AppConfig):
    """Targets for uptime."""

    name = "targets"

    def ready(self) -> None:
        """Keep the data version up to date with targets that ``loaddata`` writes."""
        from fleet.versions import raise_version_of_fixtures  # noqa: PLC0415 - needs the models
        from targets.models import Target  # noqa: PLC0415

        post_save.connect(raise_version_of_fixtures, sender=Target)
