"""Every error as problem details (RFC 9457); docs/api.md lists the codes."""

import logging
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.views import csrf, defaults
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.renderers import JSONRenderer
from rest_framework.views import exception_handler

from api.errors.details import MEDIA_TYPE, problem_details, title_of
from api.errors.faults import problem_of
from api.errors.problems import UNUSABLE, BodyTooLarge, Problem, UnusableValue
from api.routing import leads_to_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rest_framework.response import Response

logger = logging.getLogger(__name__)

# Codes of well-formed values that cannot be used; some are the framework's.
_OF_VALUES = {
    UNUSABLE,
    "blank",
    "does_not_exist",
    "null_characters_not_allowed",
    "surrogate_characters_not_allowed",
}


class ProblemRenderer(JSONRenderer):
    """JSON with the media type of problems."""

    media_type = MEDIA_TYPE


# Inside the views of the API ---------------------------------------------------------------


def handle(error: Exception, context: "Mapping[str, Any]") -> "Response | None":
    """Turn an exception of a view into its answer; None leaves it to Django (500).

    The answer is JSON even if CSV was asked for.
    """
    problem = _translated(error)
    response = exception_handler(problem, dict(context))
    if response is None:
        return None
    if response.status_code >= 500:
        _log(problem, error)
    context["request"].accepted_renderer = ProblemRenderer()
    context["request"].accepted_media_type = MEDIA_TYPE
    code, detail, extra = _described(response.data, problem)
    if code == UNUSABLE:
        response.status_code = UnusableValue.status_code
    if isinstance(problem, UnsupportedMediaType):
        detail += f" Known: {', '.join(one.media_type for one in context['view'].parser_classes)}."
    extra = {**_as_of_old(context["view"], detail), **extra}
    response.data = problem_details(response.status_code, code, detail, **extra)
    for name, value in getattr(problem, "headers", {}).items():
        response[name] = value
    return response


def _log(problem: Exception, error: Exception) -> None:
    """Log our own failures: a line for foreseen ones, a warning if a limit was hit."""
    if not isinstance(problem, Problem):
        logger.error("%s: %s", type(problem).__name__, error, exc_info=error)
        return
    cause = error.__cause__ if error is problem else error
    text = " ".join(str(cause or error).split())
    level = logging.ERROR if cause else logging.WARNING
    logger.log(level, "%s: %s", type(problem).__name__, text)


def _translated(error: Exception) -> Exception:
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    return problem_of(error) or error


def _described(data: Any, problem: Exception) -> tuple[str, str, dict[str, Any]]:
    """Return code, sentence and extra members from DRF's nested details."""
    detail = data.get("detail") if isinstance(data, dict) else None
    if detail is not None and not isinstance(detail, list):
        return detail.code, str(detail), getattr(problem, "extra", {})
    faults = list(_faults(data))
    errors = [{"field": field, "detail": str(fault)} for field, fault in faults]
    sentences = [f"{field}: {fault}".removeprefix(": ") for field, fault in faults]
    codes = {getattr(fault, "code", "") for _, fault in faults}
    code = UNUSABLE if codes and codes <= _OF_VALUES else "invalid"
    return code, " ".join(sentences), {"errors": errors}


def _faults(details: Any, field: str = "") -> "Iterator[tuple[str, Any]]":
    """Yield field and fault; the field is empty for the request as a whole."""
    if isinstance(details, dict):
        for name, inner in details.items():
            yield from _faults(inner, _path(field, str(name)))
    elif isinstance(details, list):
        for inner in details:
            yield from _faults(inner, field)
    else:
        yield field, details


def _path(field: str, name: str) -> str:
    return field if name == "non_field_errors" else f"{field}.{name}".removeprefix(".")


def _as_of_old(view: Any, detail: str) -> dict[str, str]:
    """Return the member that the classic calls have always had."""
    return {"message": detail} if getattr(view, "errors_have_message", False) else {}


# Around them -------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refused; 413 for a body above its limit."""
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, 413, BodyTooLarge.default_code, BodyTooLarge.default_detail)
    if _for_people(request):
        return defaults.bad_request(request, exception)
    return _answer(request, 400, "invalid", _reason(exception))


def _reason(exception: Exception) -> str:
    """Return what is wrong if Django only says that the request is suspicious."""
    if isinstance(exception, TooManyFilesSent):
        return f"A form may have {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files at most."
    if isinstance(exception, TooManyFieldsSent):
        return f"A form may have {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields at most."
    return "The request cannot be understood."


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403; the admin keeps its HTML pages."""
    if _for_people(request):
        return defaults.permission_denied(request, exception)
    return _answer(request, 403, "permission_denied", "You may not do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a change that another site may have made a browser send."""
    if _for_people(request):
        return csrf.csrf_failure(request, reason)
    if _is_page(request):
        reason = "The form was too old, or was not one of ours. Reload its page and send it again."
    return _answer(request, 403, "csrf_failed", reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 for an unknown path; the admin keeps its HTML pages."""
    if _for_people(request):
        return defaults.page_not_found(request, exception, "admin/404.html")
    detail = f"Nothing is at {request.path}. See /docs for all calls."
    return _answer(request, 404, "not_found", detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 if a service that we depend on is unavailable, else 500; the log has the cause.

    Django calls this for any exception that a view or a middleware raises.
    """
    problem = problem_of(sys.exc_info()[1])
    if problem is not None:
        return _unavailable(request, problem)
    if _for_people(request):
        return defaults.server_error(request, "admin/500.html")
    return _answer(
        request, 500, "error", "Something went wrong on the server. Its log has the details."
    )


def _unavailable(request: HttpRequest, problem: Problem) -> HttpResponse:
    if not _for_people(request):
        response = _answer(request, problem.status_code, problem.default_code, str(problem.detail))
    else:
        # Without the request: its user is in the database, which may be unavailable.
        page = render_to_string("api/unavailable.html", {"detail": problem.detail})
        response = HttpResponse(page, status=problem.status_code)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def _for_people(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index"))


def _is_page(request: HttpRequest) -> bool:
    """Tell whether a browser asks for a whole page of the dashboard; scripts read problems."""
    return leads_to_page(request) and "HX-Request" not in request.headers


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if _is_page(request):
        # Without the request: its user is in the database, which may be unavailable.
        page = render_to_string("dashboard/error.html", {"title": title_of(code), "detail": detail})
        return HttpResponse(page, status=status)
    extra = _as_of_old(_view(request), detail)
    content = problem_details(status, code, detail, **extra)
    return JsonResponse(content, status=status, content_type=MEDIA_TYPE)


def _view(request: HttpRequest) -> Any:
    """Return the view class at the address, which may not have been resolved yet."""
    try:
        return getattr(resolve(request.path_info).func, "cls", None)
    except Http404:
        return None
