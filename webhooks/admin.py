"""Webhooks in the admin, and the log of their deliveries."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html

from ingestion.formatting import NONE, duration, utc
from webhooks import deliveries, services, tasks
from webhooks.models import Delivery, Webhook

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

_CHOSEN = ("name", "url", "on_complete", "on_failed", "on_cancelled", "active")


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Webhooks; the secret is shown when it is made, and never again."""

    list_display = ["name", "url", "active", "inactive_because", "log"]
    list_filter = ["active"]
    search_fields = ["name", "url"]
    show_facets = admin.ShowFacets.NEVER
    fields = [*_CHOSEN, "inactive_because", "created", "created_by", "log"]
    readonly_fields = ["inactive_because", "created", "created_by", "log"]
    actions = ["ping", "rotate_secret"]

    def save_model(self, request: "HttpRequest", obj: Webhook, form: Any, change: bool) -> None:
        """Save a webhook, with a secret if it is new."""
        if change:
            before = Webhook.objects.get(pk=obj.pk)
            services.change_webhook(before, **{name: getattr(obj, name) for name in _CHOSEN})
            return
        obj.created_by = request.user.get_username()
        secret = services.prepare(obj)
        obj.save()
        self._show(request, obj, secret)

    @admin.action(description="Send a ping", permissions=["change"])
    def ping(self, request: "HttpRequest", queryset: "QuerySet[Webhook]") -> None:
        """Try the receivers out."""
        for webhook in queryset:
            tasks.enqueue(services.create_ping(webhook))
        self.message_user(request, "The pings are on their way; the deliveries tell what came.")

    @admin.action(description="Make a new secret", permissions=["change"])
    def rotate_secret(self, request: "HttpRequest", queryset: "QuerySet[Webhook]") -> None:
        """Make new secrets; the old ones go on for a day."""
        for webhook in queryset:
            self._show(request, webhook, services.rotate_secret(webhook))

    @admin.display(description="deliveries")
    def log(self, webhook: Webhook) -> "SafeString":
        """Return the way to what it was sent."""
        address = reverse("admin:webhooks_delivery_changelist")
        return format_html('<a href="{}?webhook__id__exact={}">log</a>', address, webhook.pk)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, webhook: Webhook) -> str:
        """Return when it was made."""
        return utc(webhook.created_at)

    def _show(self, request: "HttpRequest", webhook: Webhook, secret: str) -> None:
        text = f"The secret of {webhook.name}, shown this once: {secret}"
        self.message_user(request, text, messages.WARNING)


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What was sent, newest first; looked at and sent again, never edited."""

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
        """Refuse: deliveries come from reports that end."""
        return False

    def has_change_permission(self, request: "HttpRequest", obj: Delivery | None = None) -> bool:
        """Refuse: what was sent is not for editing."""
        return False

    def has_send_permission(self, request: "HttpRequest") -> bool:
        """Tell whether the user may send messages."""
        return bool(request.user.has_perm("webhooks.change_webhook"))

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: "HttpRequest", queryset: "QuerySet[Delivery]") -> None:
        """Have the chosen messages sent again now, whatever they came to."""
        for delivery in queryset:
            try:
                with transaction.atomic():
                    deliveries.send_again(delivery)
            except deliveries.InProgress:
                text = f"{delivery}: a worker is sending it just now."
                self.message_user(request, text, messages.ERROR)
            else:
                tasks.enqueue(delivery)
                self.message_user(request, f"{delivery} is on its way again.")

    @admin.display(description="report")
    def report_link(self, delivery: Delivery) -> "SafeString | str":
        """Return the way to the report."""
        if delivery.report_id is None:
            return NONE
        address = reverse("admin:reports_report_change", args=[delivery.report_id])
        return format_html('<a href="{}">{}</a>', address, delivery.report_id.hex[:8])

    @admin.display(description="outcome")
    def outcome(self, delivery: Delivery) -> str:
        """Return what the last attempt came to."""
        return delivery.error or (str(delivery.status_code) if delivery.status_code else NONE)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, delivery: Delivery) -> str:
        """Return when its report ended, or the ping was asked for."""
        return utc(delivery.created_at)

    @admin.display(description="next attempt (UTC)")
    def next_attempt(self, delivery: Delivery) -> str:
        """Return when it is sent again."""
        return utc(delivery.next_attempt_at)

    @admin.display(description="last attempt (UTC)")
    def started(self, delivery: Delivery) -> str:
        """Return when it was last sent."""
        return utc(delivery.started_at)

    @admin.display(description="took")
    def took(self, delivery: Delivery) -> str:
        """Return how long the last attempt took."""
        return duration(delivery.started_at, delivery.ended_at)
