"""The address of readiness, for monitoring and for the end of a deployment."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.views import APIView

from access.authentication import bearer
from access.permissions import granted
from access.scopes import READ, allowed_by
from api.errors.details import MEDIA_TYPE, problem_details
from api.errors.handlers import ProblemRenderer
from api.schema import error_response
from storemonitor.operations.lines import answered
from storemonitor.readiness.checks import PARTS, Check
from storemonitor.readiness.problems import NotReady
from storemonitor.readiness.verdict import DATABASE, PATIENCE_SECONDS, verdict

if TYPE_CHECKING:
    from rest_framework.request import Request

_WELL = {"ready": True, "checks": {part: {"state": "ok"} for part in PARTS}}


class ReadinessView(APIView):
    """200 if every part works, else 503. Strangers see states; who may read, reasons as well."""

    permission_classes = []
    throttle_classes = []

    def perform_authentication(self, request: "Request") -> None:
        """Leave it for later: the database, which knows tokens and sessions, may be away."""

    @extend_schema(
        summary="Check whether the whole installation can do its work",
        description="Anyone sees the state of each part. With the scope `read` each part that does"
        " not work also has a `reason` and an `action`: what to do.",
        operation_id="readyz",
        tags=["Service"],
        auth=[],
        responses={
            200: inline_serializer(
                "Readiness",
                {"ready": serializers.BooleanField(), "checks": serializers.DictField()},
            ),
            **error_response(NotReady, "Not ready: workers, beat."),
        },
        examples=[OpenApiExample("Ready", value=_WELL, status_codes=["200"])],
    )
    def get(self, request: "Request") -> Response:
        """Check everything at once."""
        may_read = _may_read(request)
        found = verdict.checks()
        told = {one.part: _told(one, with_reason=may_read) for one in found}
        bad = [one.part for one in found if one.state != "ok"]
        fresh = {"Cache-Control": "no-store"}
        if not bad:
            return Response({"ready": True, "checks": told}, headers=fresh)
        problem = NotReady(f"Not ready: {', '.join(bad)}.")
        body = problem_details(
            problem.status_code,
            problem.default_code,
            str(problem.detail),
            ready=False,
            checks=told,
        )
        request.accepted_renderer = ProblemRenderer()
        request.accepted_media_type = MEDIA_TYPE
        answer = Response(body, problem.status_code, headers={**fresh, **problem.headers})
        # The verdict has told the log once; Django would log every probe as an error.
        answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
        return answer


def _told(check: Check, *, with_reason: bool) -> dict[str, Any]:
    if check.state == "ok" or not with_reason:
        return {"state": check.state}
    return {"state": check.state, "reason": check.reason, "action": check.action}


def _may_read(request: "Request") -> bool:
    """Tell whether the sender may see reasons; not if the database takes too long to know."""
    if READ in allowed_by(settings.ANONYMOUS_SCOPES):
        return True
    if bearer(request) is None and settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    asked = {"sender": DATABASE.ask(partial(_has_read, request))}
    DATABASE.hang_up()
    heard = answered(asked, seconds=_SENDER_SECONDS).get("sender")
    return heard is not None and heard.exception() is None and heard.result()


# Together with the checks still less than five seconds.
_SENDER_SECONDS = 4.5 - PATIENCE_SECONDS


def _has_read(request: "Request") -> bool:
    try:
        return READ in granted(request)
    except AuthenticationFailed:
        return False
