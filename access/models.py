"""Tokens, audit entries, and failed log-ins."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

from access.scopes import SCOPES, allowed_by

NAME_LENGTH = 100


class Token(models.Model):
    """The credential of a program. Only the digest of its secret is stored."""

    name = models.CharField(max_length=NAME_LENGTH, help_text="Who or what uses it.")
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    can_read = models.BooleanField(
        "read", default=False, help_text="See everything, start and cancel reports."
    )
    can_ingest = models.BooleanField("ingest", default=False, help_text="Send data.")
    can_admin = models.BooleanField(
        "admin", default=False, help_text="Everything, including changing and deleting."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=200, editable=False)
    expires_at = models.DateTimeField(
        "expires (UTC)", null=True, blank=True, help_text="Empty: never."
    )
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        # Groups hold these: what people may do over the API.
        permissions: ClassVar = [(f"scope_{scope}", f"Can {scope} (API)") for scope in SCOPES]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "name", condition=Q(revoked_at=None), name="token_name_unique_unless_revoked"
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="token_has_name", violation_error_message="Give a name."
            ),
            models.CheckConstraint(
                condition=Exact(Length("digest"), 64), name="token_digest_is_sha256"
            ),
            models.CheckConstraint(
                condition=Q(can_read=True) | Q(can_ingest=True) | Q(can_admin=True),
                name="token_has_scope",
                violation_error_message="Choose at least one scope.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")),
                name="token_expires_after_creation",
                violation_error_message="The expiry is before the creation.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=F("created_at")),
                name="token_revoked_after_creation",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(scope for scope in SCOPES if getattr(self, f"can_{scope}"))

    @property
    def allows(self) -> frozenset[str]:
        """Return all scopes that the given ones include."""
        return allowed_by(self.scopes)


class AuditEntry(models.Model):
    """One change: who, what, when, how, and the outcome. Never edited."""

    class How(models.TextChoices):
        """How the change was made."""

        API = "api", "API"
        ADMIN = "admin", "admin"
        PAGE = "page", "dashboard"
        COMMAND = "command", "command line"
        SCHEDULE = "schedule", "schedule"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    who = models.CharField(max_length=200)
    how = models.CharField(max_length=8, choices=How)
    what = models.CharField(max_length=500, help_text="Method and path, or the command.")
    outcome = models.CharField(max_length=200, help_text="Status, and where the result is.")
    address = models.GenericIPAddressField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "audit entries"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(how__in=["api", "admin", "page", "command", "schedule"]),
                name="audit_how_known",
            ),
            models.CheckConstraint(condition=~Q(who=""), name="audit_has_who"),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.what}"


class LoginFailures(models.Model):
    """Failed log-ins in a row as one account from one place, and until when it is locked there."""

    account = models.CharField(max_length=150)
    place = models.CharField(max_length=100, help_text="An address, a browser, or anywhere.")
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField("last (UTC)", db_index=True)
    locked_until = models.DateTimeField("locked until (UTC)", null=True)

    class Meta:
        ordering: ClassVar = ["-last_at", "-id"]
        verbose_name_plural = "failed log-ins"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "place"], name="login_failures_once_per_place"
            ),
            models.CheckConstraint(condition=~Q(account=""), name="login_failures_have_account"),
            models.CheckConstraint(
                condition=Q(locked_until=None) | Q(locked_until__gt=F("last_at")),
                name="login_failures_locked_after_last",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} from {self.place}"
