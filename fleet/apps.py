"""The Django app of stores, business hours and polls."""

from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate, post_save

from feeds.zones import known_time_zones


class FleetConfig(AppConfig):
    """Stores, business hours and polls."""

    name = "fleet"

    def ready(self) -> None:
        """Keep time zones up to date with the pinned tzdata, and the data version with changes."""
        # Models cannot be imported before the apps are ready.
        from fleet.versions import Versioned, raise_version_of_fixtures  # noqa: PLC0415

        post_migrate.connect(add_time_zones, sender=self)
        for model in self.get_models():
            if issubclass(model, Versioned):
                post_save.connect(raise_version_of_fixtures, sender=model)


def add_time_zones(*, using: str, apps: Apps = apps, **_: Any) -> None:
    """Add missing zones of the pinned tzdata; none is ever removed."""
    try:
        zones = apps.get_model("fleet", "TimeZone").objects.using(using)
    except LookupError:
        # Migrated back to before the table existed.
        return
    missing = set(known_time_zones()).difference(zones.values_list("name", flat=True))
    zones.bulk_create([zones.model(name=name) for name in sorted(missing)], ignore_conflicts=True)
