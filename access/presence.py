"""Whether the sender of a request that is still being answered may go on."""

from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import timezone

from access.authentication import TokenUser, fault_of
from access.models import Token
from access.permissions import granted

if TYPE_CHECKING:
    from rest_framework.request import Request


def still_may(request: "Request", scope: str) -> bool:
    """Return whether the sender still has the scope, according to the database.

    A token may have been revoked or have expired since; a person may have logged out, been
    disabled or lost the permission.
    """
    now = HttpRequest()
    user = request.user
    if isinstance(user, TokenUser):
        token = Token.objects.filter(pk=user.token.pk).first()
        if token is None or fault_of(token, timezone.now()):
            return False
        now.user = TokenUser(token)
    elif user.is_authenticated:
        engine = import_module(settings.SESSION_ENGINE)
        now.session = engine.SessionStore(request.session.session_key)
        now.user = get_user(now)
        if not now.user.is_authenticated:
            return False
    else:
        now.user = user
    return scope in granted(now)
