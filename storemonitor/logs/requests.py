"""The id of each request: in its answer, in every line that it leaves in a log, in its messages."""

import re
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.utils.functional import SimpleLazyObject

from jobs import log_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_FORM = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Identified:
    """Middleware that gives each request an id.

    A proxy of ours (TRUSTED_PROXIES) may choose it, in a form that is safe in any log. From anyone
    else it would only let strangers mix their lines with others'.
    """

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self._get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        request_id = _chosen(request) or uuid.uuid4().hex
        log_context.begin(request_id=request_id, user=_Sender(request))
        response = self._get_response(request)
        response.headers[HEADER] = request_id
        return response


@receiver(request_finished)
def _end(**_: object) -> None:
    """Forget the request when its answer is sent; until then Django and streams write lines."""
    log_context.end()


class _Sender:
    """The name of a request's sender; "" as long as nobody has asked who it is.

    Asking for its sake would cost each request a query, and health checks the database.
    """

    def __init__(self, request: "HttpRequest") -> None:
        self._request = request

    def __str__(self) -> str:
        user = vars(self._request).get("user")
        if isinstance(user, SimpleLazyObject):
            user = vars(self._request).get("_cached_user")
        return str(user.get_username()) if user is not None and user.is_authenticated else ""


def _chosen(request: "HttpRequest") -> str:
    said = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return said if _FORM.fullmatch(said) else ""
