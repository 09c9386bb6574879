"""Tokens, failed log-ins and the audit log in the admin."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from access import tokens
from access.lockout.failures import unlock
from access.models import AuditEntry, LoginFailures, Token

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

NEVER = "-"


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checks the name and the expiry of a new token."""

    class Meta:
        model = Token
        fields = ["name", "can_read", "can_ingest", "can_admin", "expires_at"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Token.objects.filter(name=name, revoked_at=None).exists():
            raise ValidationError("Another token that is not revoked has this name.")
        return name

    def clean_expires_at(self) -> "datetime | None":
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise ValidationError("This is in the past.")
        return expires_at


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tokens are created and revoked, never edited. The secret is shown once."""

    form = TokenForm
    list_display = ["name", "begins", "scope_list", "state", "expires", "used", "created_by"]
    search_fields = ["name", "prefix"]
    search_help_text = "Part of a name, or the digits after sm_."
    show_facets = admin.ShowFacets.NEVER
    actions = ["revoke"]

    def get_fields(self, request: "HttpRequest", obj: Token | None = None) -> Any:
        if obj is None:
            return TokenForm.Meta.fields
        return ["name", "begins", "scope_list", "state", "expires", "used", "created_by", "created"]

    def has_change_permission(self, request: "HttpRequest", obj: Token | None = None) -> bool:
        """Refuse: the program that has a token relies on its scopes."""
        return False

    def has_delete_permission(self, request: "HttpRequest", obj: Token | None = None) -> bool:
        """Refuse: audit entries name revoked tokens too."""
        return False

    def has_revoke_permission(self, request: "HttpRequest") -> bool:
        return bool(request.user.has_perm("access.change_token"))

    def save_model(self, request: "HttpRequest", obj: Token, form: Any, change: bool) -> None:
        """Create the secret, and keep it on the request for the one page that shows it."""
        obj.created_by = request.user.get_username()
        request.new_secret = tokens.give_secret(obj)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: "HttpRequest", obj: Token, post_url_continue: str | None = None
    ) -> "HttpResponse":
        request.audit_detail = {  # type: ignore[attr-defined]
            "token": obj.prefix,
            "name": obj.name,
            "scopes": obj.scopes,
            "expires_at": obj.expires_at,
        }
        context = {
            **self.admin_site.each_context(request),
            "title": "New token",
            "opts": self.opts,
            "token": obj,
            "secret": request.new_secret,  # type: ignore[attr-defined]
        }
        response = TemplateResponse(request, "admin/access/token/shown_once.html", context)
        add_never_cache_headers(response)
        return response

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: "HttpRequest", queryset: "QuerySet[Token]") -> None:
        now = timezone.now()
        ended = [token for token in queryset if tokens.revoke(token, at=now)]
        for token in ended:
            self.log_change(request, token, "Revoked.")
        names = ", ".join(f"{token.name} ({token.prefix})" for token in ended)
        request.audit_detail = {"revoked": names}  # type: ignore[attr-defined]
        level = messages.SUCCESS if ended else messages.WARNING
        said = f"Revoked: {names}." if ended else "All of them were already revoked."
        self.message_user(request, said, level)

    @admin.display(description="begins with")
    def begins(self, token: Token) -> str:
        """Return the part of the secret that may be shown."""
        return f"sm_{token.prefix}_"

    @admin.display(description="scopes")
    def scope_list(self, token: Token) -> str:
        return ", ".join(token.scopes)

    @admin.display(description="state")
    def state(self, token: Token) -> str:
        if token.revoked_at:
            return f"revoked {_utc(token.revoked_at)}"
        expired = token.expires_at is not None and token.expires_at <= timezone.now()
        return "expired" if expired else "valid"

    @admin.display(description="expires (UTC)", ordering="expires_at")
    def expires(self, token: Token) -> str:
        return _utc(token.expires_at)

    @admin.display(description="last used (UTC)", ordering="last_used_at")
    def used(self, token: Token) -> str:
        """Return when it was last used, to the minute."""
        return _utc(token.last_used_at)

    @admin.display(description="created (UTC)", ordering="created_at")
    def created(self, token: Token) -> str:
        return _utc(token.created_at)


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The audit log, newest first. Read-only."""

    list_display = ["instant", "who", "how", "what", "outcome", "address"]
    list_filter = ["how"]
    search_fields = ["who", "what", "outcome"]
    search_help_text = "Part of a name, a path or a result."
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    fields = ["instant", "who", "how", "what", "outcome", "address", "detail"]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        return False

    def has_change_permission(self, request: "HttpRequest", obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: "HttpRequest", obj: AuditEntry | None = None) -> bool:
        """Refuse: only pruning removes entries, by age."""
        return False

    @admin.display(description="at (UTC)", ordering="at")
    def instant(self, entry: AuditEntry) -> str:
        return f"{entry.at:%Y-%m-%d %H:%M:%S}"


@admin.register(LoginFailures)
class LoginFailuresAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Failed log-ins and the locks after them. Rows are only removed, which unlocks."""

    list_display = ["account", "place", "failures", "last", "state"]
    search_fields = ["account", "place"]
    search_help_text = "Part of an account's name or of an address."
    show_facets = admin.ShowFacets.NEVER
    fields = ["account", "place", "failures", "last", "state"]
    actions = ["unlock"]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        return False

    def has_change_permission(
        self, request: "HttpRequest", obj: LoginFailures | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: "HttpRequest", obj: LoginFailures | None = None
    ) -> bool:
        """Refuse: there is one way to unlock."""
        return False

    def has_unlock_permission(self, request: "HttpRequest") -> bool:
        return bool(request.user.has_perm("access.change_loginfailures"))

    @admin.action(description="Unlock, and count again from nothing", permissions=["unlock"])
    def unlock(self, request: "HttpRequest", queryset: "QuerySet[LoginFailures]") -> None:
        rows = list(queryset)
        names = ", ".join(sorted({str(row) for row in rows}))
        unlock(rows)
        request.audit_detail = {"unlocked": names}  # type: ignore[attr-defined]
        self.message_user(request, f"Unlocked: {names}.", messages.SUCCESS)

    @admin.display(description="last failure (UTC)", ordering="last_at")
    def last(self, row: LoginFailures) -> str:
        return f"{row.last_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="state (UTC)", ordering="locked_until")
    def state(self, row: LoginFailures) -> str:
        is_locked = row.locked_until is not None and row.locked_until > timezone.now()
        return f"locked until {row.locked_until:%Y-%m-%d %H:%M:%S}" if is_locked else "not locked"


def _utc(instant: "datetime | None") -> str:
    return f"{instant:%Y-%m-%d %H:%M}" if instant else NEVER
