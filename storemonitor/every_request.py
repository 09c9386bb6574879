"""Middleware for every request: invalid values, and headers of every answer."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.http.request import UnreadablePostError
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Field
    from django.http import HttpRequest, HttpResponse

_LARGEST_KEY = 2**63 - 1
# No page uses these.
_FEATURES = ("camera", "geolocation", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in _FEATURES)


class Requests:
    """Refuses admin requests that the database cannot handle; the API has its own checks.

    PostgreSQL text cannot contain NUL, and the admin looks up chosen rows by any value it is sent.
    """

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self._get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        """Answer the request, dropping cookies that the database cannot handle."""
        # A quoted cookie may contain NUL in octal, and sessions are looked up by cookie value.
        kept = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        request.COOKIES = kept
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    def process_view(self, request: "HttpRequest", view: Any, *_: Any) -> None:
        """Raise BadRequest before an admin page is rendered."""
        if not request.path.startswith(reverse("admin:index")):
            return
        if "\0" in request.path_info or any("\0" in text for text in _texts(request)):
            raise BadRequest("The URL contains a NUL character.")
        model_admin = getattr(view, "model_admin", None)
        if model_admin is not None and request.method == "POST":
            _check_keys(model_admin.model._meta.pk, _chosen(request))


def _texts(request: "HttpRequest") -> list[str]:
    return [text for name, values in request.GET.lists() for text in (name, *values)]


def _chosen(request: "HttpRequest") -> list[str]:
    try:
        return request.POST.getlist(ACTION_CHECKBOX_NAME)
    except UnreadablePostError as error:
        raise BadRequest("The body ended before its announced length.") from error


def _check_keys(field: "Field[Any, Any]", keys: list[str]) -> None:
    for key in keys:
        try:
            value = field.to_python(key)
        except ValidationError as error:
            raise BadRequest("A chosen row has an invalid key.") from error
        if "\0" in key or (isinstance(value, int) and abs(value) > _LARGEST_KEY):
            raise BadRequest("A chosen row has an invalid key.")
