"""Every error as ``{"message": ..., "code": ...}``; docs/api.md lists the codes."""

import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.views import defaults
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.renderers import JSONRenderer
from rest_framework.views import exception_handler

from api.problems import BodyTooLarge, DatabaseUnavailable, IncompleteBody, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.response import Response

logger = logging.getLogger(__name__)


_TRANSLATIONS: dict[type[Exception], type[Problem]] = {
    RequestDataTooBig: BodyTooLarge,
    UnreadablePostError: IncompleteBody,
    OperationalError: DatabaseUnavailable,
    InterfaceError: DatabaseUnavailable,
}


def handle(error: Exception, context: "Mapping[str, Any]") -> "Response | None":
    """Turn an exception of a view into its answer; None leaves it to Django (500).

    The answer is JSON even where CSV was asked for.
    """
    problem = _translated(error)
    response = exception_handler(problem, dict(context))
    if response is None:
        return None
    if response.status_code >= 500:
        logger.error("%s: %s", type(problem).__name__, error, exc_info=error)
    context["request"].accepted_renderer = JSONRenderer()
    context["request"].accepted_media_type = JSONRenderer.media_type
    response.data = _described(response.data, problem)
    if isinstance(problem, UnsupportedMediaType):
        known = ", ".join(parser.media_type for parser in context["view"].parser_classes)
        response.data["message"] += f" Known: {known}."
    return response


def _translated(error: Exception) -> Exception:
    return next((new() for old, new in _TRANSLATIONS.items() if isinstance(error, old)), error)


def _described(data: Any, problem: Exception) -> dict[str, Any]:
    """Return the answer to ``problem`` from the nested details DRF made of it."""
    detail = data.get("detail") if isinstance(data, dict) else None
    if detail is None or isinstance(detail, list):
        return {"message": " ".join(_sentences(data)), "code": "invalid"}
    return {"message": str(detail), "code": detail.code, **getattr(problem, "extra", {})}


def _sentences(details: Any, field: str = "") -> "list[str]":
    if isinstance(details, dict):
        return [one for name, inner in details.items() for one in _sentences(inner, _named(name))]
    if isinstance(details, list):
        return [one for inner in details for one in _sentences(inner, field)]
    return [f"{field}: {details}" if field else str(details)]


def _named(name: str) -> str:
    return "" if name == "non_field_errors" else name


def _answer(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"message": message, "code": code}, status=status)


def _for_people(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refused, a body above its limit by 413."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(413, BodyTooLarge.default_code, BodyTooLarge.default_detail)
    if _for_people(request):
        return defaults.bad_request(request, exception)
    return _answer(400, "invalid", "The request cannot be understood.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 for a path that nothing serves; the admin's pages stay pages."""
    if _for_people(request):
        return defaults.page_not_found(request, exception, "admin/404.html")
    return _answer(
        404, "not_found", f"There is nothing at {request.path}; /docs lists what there is."
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without a word about the inside: that is in the log."""
    if _for_people(request):
        return defaults.server_error(request, "admin/500.html")
    return _answer(500, "error", "Something went wrong on the server; its log says what.")
