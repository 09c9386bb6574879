"""Exclusions in the admin, with what they mean in words and when they are next."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html_join

from backoffice.formatting import NONE, utc
from fleet.exclusions.finding import next_stretches
from fleet.models import Exclusion
from jobs import clock
from stores.exclusions.form import ExclusionForm
from stores.exclusions.serializers import SHOWN_AHEAD
from stores.exclusions.words import local_stretch, scope_in_words, when_in_words

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

WHICH = ("scope", "store", "tag")
ONCE = ("starts_at", "ends_at")
AGAIN = ("rule", "first_date", "start_time", "duration_us", "time_zone")
COURSE = ("when", "ahead", "created_by", "created")


@admin.register(Exclusion)
class ExclusionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Time that counts for neither side of a share."""

    form = ExclusionForm
    list_display = ["about", "when", "reason", "next_one", "created_by"]
    list_filter = ["scope"]
    list_select_related = ["store", "tag"]
    list_per_page = 50
    search_fields = ["reason", "created_by", "store__store_id", "tag__name"]
    search_help_text = "Any part of a reason, an author, a store's id or a tag."
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    add_fieldsets: ClassVar[Any] = [
        (None, {"fields": ["reason", *WHICH]}),
        ("Once, in UTC", {"fields": ONCE}),
        ("Or again and again", {"fields": AGAIN}),
    ]
    fieldsets: ClassVar[Any] = [*add_fieldsets, ("In words", {"fields": COURSE})]
    readonly_fields = COURSE

    def get_fieldsets(self, request: "HttpRequest", obj: Exclusion | None = None) -> Any:
        """Return the editable fields, and what an existing exclusion means."""
        return self.fieldsets if obj else self.add_fieldsets

    def save_model(self, request: "HttpRequest", obj: Exclusion, form: Any, change: bool) -> None:
        """Save an exclusion; who made it stays its author."""
        if not change:
            obj.created_by = request.user.get_username()
        super().save_model(request, obj, form, change)

    @admin.display(description="scope")
    def about(self, exclusion: Exclusion) -> str:
        return scope_in_words(exclusion)

    @admin.display(description="when")
    def when(self, exclusion: Exclusion) -> str:
        return when_in_words(exclusion)

    @admin.display(description="next (UTC)")
    def next_one(self, exclusion: Exclusion) -> str:
        ahead = next_stretches(exclusion, clock.now(), 1)
        return utc(ahead[0][0]) if ahead else NONE

    @admin.display(description=f"next {SHOWN_AHEAD} occurrences")
    def ahead(self, exclusion: Exclusion) -> "SafeString | str":
        """Return the next stretches, in the zone of the rule and in UTC."""
        ahead = next_stretches(exclusion, clock.now(), SHOWN_AHEAD)
        if not ahead:
            return "none, since it is over"
        lines = ((local_stretch(exclusion, stretch),) for stretch in ahead)
        return format_html_join("", "<div>{}</div>", lines)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, exclusion: Exclusion) -> str:
        return utc(exclusion.created_at)
