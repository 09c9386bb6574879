"""Log-ins go to the log, above all failed ones; new rows go to the audit entry."""

import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import receiver

from access.audit.recording import current
from access.lockout.failures import forgive, note_failure
from api.senders import address

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

logger = logging.getLogger(__name__)


@receiver(user_logged_in, dispatch_uid="access.logged_in")
def log_login(request: "HttpRequest", user: Any, **_: Any) -> None:
    """Log who logged in, and from where; the middleware marks the browser."""
    request.logged_in_as = user.get_username()  # type: ignore[attr-defined]
    forgive(request, user.get_username())
    # Django keeps the session of somebody who logs in again as the same person.
    request.session.cycle_key()
    logger.info("%s logged in from %s", user.get_username(), address(request))


@receiver(user_logged_out, dispatch_uid="access.logged_out")
def log_logout(request: "HttpRequest", user: Any, **_: Any) -> None:
    """Log who logged out; record it as a change."""
    if user is not None:
        logger.info("%s logged out from %s", user.get_username(), address(request))
        # The answer is a page, so the middleware would not count it as granted.
        request.audit_detail = {}  # type: ignore[attr-defined]


@receiver(user_login_failed, dispatch_uid="access.login_failed")
def log_failure(
    credentials: dict[str, Any], request: "HttpRequest | None" = None, **_: Any
) -> None:
    """Log and count the failure; Django has removed the password."""
    place = address(request) if request else "an unknown address"
    name = credentials.get("username")
    logger.warning("a log-in as %r from %s failed", name, place)
    if request is not None and isinstance(name, str):
        note_failure(request, name)


@receiver(post_save, dispatch_uid="access.made")
def name_new_row(instance: "Model", created: bool, **_: Any) -> None:
    """Name a new row in the current entry, since the answer may not lead to it."""
    recording = current()
    if created and recording is not None:
        recording.made(instance)
