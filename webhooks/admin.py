"""Webhooks in the admin, and the log of their deliveries."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from backoffice.formatting import NONE, duration, utc
from webhooks import deliveries, services, tasks
from webhooks.models import Delivery, Webhook

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

SHOWN_ONCE = "admin/webhooks/webhook/shown_once.html"
COURSE = ("inactive_because", "log", "created", "created_by")
_CHOSEN = ("name", "url", "on_complete", "on_failed", "on_cancelled", "active")


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """Uses an input wide enough for a URL."""

    class Meta:
        widgets = {"url": forms.TextInput(attrs={"class": "vLargeTextField"})}


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Webhooks; the secret is shown only when it is created."""

    form = WebhookForm
    list_display = ["name", "url", "active", "inactive_because", "log"]
    list_filter = ["active"]
    search_fields = ["name", "url"]
    show_facets = admin.ShowFacets.NEVER
    add_fieldsets: ClassVar[Any] = [
        (None, {"fields": ["name", "url", "active"]}),
        ("Events", {"fields": ["on_complete", "on_failed", "on_cancelled"]}),
    ]
    fieldsets: ClassVar[Any] = [*add_fieldsets, ("Status", {"fields": COURSE})]
    readonly_fields = COURSE
    actions = ["ping", "rotate_secret"]

    def save_model(self, request: "HttpRequest", obj: Webhook, form: Any, change: bool) -> None:
        """Save a webhook, with a secret if it is new."""
        if change:
            services.change_webhook(obj, **{name: getattr(obj, name) for name in _CHOSEN})
            return
        obj.created_by = request.user.get_username()
        # Kept on the request for the one page that shows it.
        request.new_secret = services.prepare(obj)  # type: ignore[attr-defined]
        obj.save()

    def get_fieldsets(self, request: "HttpRequest", obj: Webhook | None = None) -> Any:
        """Return the editable fields, and the status of an existing webhook."""
        return self.fieldsets if obj else self.add_fieldsets

    def response_add(
        self, request: "HttpRequest", obj: Webhook, post_url_continue: str | None = None
    ) -> "HttpResponse":
        return self._shown_once(request, [(obj, request.new_secret)])  # type: ignore[attr-defined]

    @admin.action(description="Send a ping", permissions=["change"])
    def ping(self, request: "HttpRequest", queryset: "QuerySet[Webhook]") -> None:
        for webhook in queryset:
            tasks.enqueue(services.create_ping(webhook))
        self.message_user(request, "The pings were queued. See the deliveries for the results.")

    @admin.action(description="Create a new secret", permissions=["change"])
    def rotate_secret(
        self, request: "HttpRequest", queryset: "QuerySet[Webhook]"
    ) -> "HttpResponse":
        """Create new secrets; the old ones stay valid for a day."""
        made = [(webhook, services.rotate_secret(webhook)) for webhook in queryset]
        return self._shown_once(request, made, rotated=True)

    @admin.display(description="log of deliveries")
    def log(self, webhook: Webhook) -> "SafeString":
        """Return a link to its deliveries."""
        address = reverse("admin:webhooks_delivery_changelist")
        return format_html('<a href="{}?webhook__id__exact={}">Deliveries</a>', address, webhook.pk)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, webhook: Webhook) -> str:
        return utc(webhook.created_at)

    def _shown_once(
        self, request: "HttpRequest", made: list[tuple[Webhook, str]], *, rotated: bool = False
    ) -> "HttpResponse":
        context = {
            **self.admin_site.each_context(request),
            "title": "New secret" if rotated else "New webhook",
            "opts": self.opts,
            "made": made,
            "rotated": rotated,
        }
        response = TemplateResponse(request, SHOWN_ONCE, context)
        add_never_cache_headers(response)
        return response


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Deliveries, newest first. They can be sent again but not edited."""

    list_display = ["created", "webhook", "event", "report_link", "status", "attempts", "outcome"]
    list_filter = ["status", "event", "webhook"]
    list_select_related = ["webhook"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_per_page = 50
    actions = ["send_again"]
    fields = [
        "id",
        "webhook",
        "event",
        "report_link",
        "status",
        "attempts",
        "next_attempt",
        "created",
        "started",
        "took",
        "status_code",
        "error",
        "response",
    ]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Refuse: reports that end create deliveries."""
        return False

    def has_change_permission(self, request: "HttpRequest", obj: Delivery | None = None) -> bool:
        return False

    def get_urls(self) -> "list[URLPattern]":
        """Add the URL behind the button."""
        again = require_POST(self.admin_site.admin_view(self.again_view))
        route = path("<uuid:delivery_id>/again/", again, name="webhooks_delivery_again")
        return [route, *super().get_urls()]

    def change_view(
        self,
        request: "HttpRequest",
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> "HttpResponse":
        """Show a delivery, with the button for users who may press it."""
        context = {"may_send": self.has_send_permission(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def again_view(self, request: "HttpRequest", delivery_id: "UUID") -> "HttpResponse":
        """Send a message again."""
        if not self.has_send_permission(request):
            raise PermissionDenied
        self._again(request, get_object_or_404(Delivery, pk=delivery_id))
        return HttpResponseRedirect(reverse("admin:webhooks_delivery_change", args=[delivery_id]))

    def has_send_permission(self, request: "HttpRequest") -> bool:
        return bool(request.user.has_perm("webhooks.change_webhook"))

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: "HttpRequest", queryset: "QuerySet[Delivery]") -> None:
        """Send the chosen messages again now, whatever their outcome."""
        for delivery in queryset:
            self._again(request, delivery)

    def _again(self, request: "HttpRequest", delivery: Delivery) -> None:
        try:
            with transaction.atomic():
                deliveries.send_again(delivery)
        except deliveries.InProgress:
            text = f"{delivery}: a worker is sending it right now."
            self.message_user(request, text, messages.ERROR)
        else:
            tasks.enqueue(delivery)
            self.message_user(request, f"{delivery} was queued again.")

    @admin.display(description="report")
    def report_link(self, delivery: Delivery) -> "SafeString | str":
        if delivery.report_id is None:
            return NONE
        address = reverse("admin:reports_report_change", args=[delivery.report_id])
        return format_html('<a href="{}">{}</a>', address, delivery.report_id.hex[:8])

    @admin.display(description="outcome")
    def outcome(self, delivery: Delivery) -> str:
        """Return the outcome of the last attempt."""
        return delivery.error or (str(delivery.status_code) if delivery.status_code else NONE)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, delivery: Delivery) -> str:
        """Return when its report ended, or when the ping was requested."""
        return utc(delivery.created_at)

    @admin.display(description="next attempt (UTC)")
    def next_attempt(self, delivery: Delivery) -> str:
        return utc(delivery.next_attempt_at)

    @admin.display(description="last attempt (UTC)")
    def started(self, delivery: Delivery) -> str:
        return utc(delivery.started_at)

    @admin.display(description="took")
    def took(self, delivery: Delivery) -> str:
        """Return how long the last attempt took."""
        return duration(delivery.started_at, delivery.ended_at)
