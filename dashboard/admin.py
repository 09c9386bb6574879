"""Snapshots of the fleet in the admin, read-only."""

from django.contrib import admin

from backoffice.formatting import duration, size, utc
from backoffice.readonly import ReadOnlyAdmin
from dashboard.models import FleetSnapshot


@admin.register(FleetSnapshot)
class FleetSnapshotAdmin(ReadOnlyAdmin):
    """The last snapshots; a newer one removes them."""

    list_display = ["id", "status", "as_of_text", "store_count", "took", "file_size", "error"]

    @admin.display(description="as of (UTC)", ordering="as_of")
    def as_of_text(self, snapshot: FleetSnapshot) -> str:
        return utc(snapshot.as_of)

    @admin.display(description="took")
    def took(self, snapshot: FleetSnapshot) -> str:
        return duration(snapshot.started_at, snapshot.finished_at)

    @admin.display(description="size", ordering="size")
    def file_size(self, snapshot: FleetSnapshot) -> str:
        return size(snapshot.size)
