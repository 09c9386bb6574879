"""Error answers of the API."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import APIException

if TYPE_CHECKING:
    from collections.abc import Mapping


# The code of a well-formed value that cannot be used; see UnusableValue.
UNUSABLE = "unusable_value"
# Seconds: outages rarely end sooner.
RETRY_AFTER = "5"


class Problem(APIException):
    """An error of ours; the first line of its docstring explains its code on the errors page.

    ``extra`` adds members to the answer, ``headers`` adds headers. A 503 also says when to try
    again.
    """

    def __init__(
        self,
        detail: str | None = None,
        *,
        extra: "Mapping[str, Any] | None" = None,
        headers: "Mapping[str, str] | None" = None,
    ) -> None:
        super().__init__(detail)
        self.extra = dict(extra or {})
        away = {"Retry-After": RETRY_AFTER} if self.status_code == 503 else {}
        self.headers = {**away, **(headers or {})}


class CsrfFailed(Problem):
    """A change with a session cookie that may come from another site's page."""

    status_code = 403
    default_code = "csrf_failed"


class IncompleteBody(Problem):
    """The connection ended before the body did."""

    status_code = 400
    default_code = "incomplete_body"
    default_detail = "The body ended before its announced length; nothing was stored."


class LengthRequired(Problem):
    """A chunked body, behind a server that cannot tell where it ends."""

    status_code = 411
    default_code = "length_required"
    default_detail = "Send the body with a Content-Length."


class BodyTooLarge(Problem):
    """The body is above the limit."""

    status_code = 413
    default_code = "body_too_large"
    default_detail = "The body is too large."


class BrokerUnreachable(Problem):
    """The request was recorded but could not be queued."""

    status_code = 503
    default_code = "broker_unreachable"
    default_detail = "The message broker cannot be reached. Try again later."


class DatabaseUnavailable(Problem):
    """The database is unavailable or too busy."""

    status_code = 503
    default_code = "database_unavailable"
    default_detail = "The database cannot be reached or is too busy. Try again."


class StorageUnavailable(Problem):
    """Media storage is unavailable or misconfigured."""

    status_code = 503
    default_code = "storage_unavailable"
    default_detail = "Media storage cannot be reached. Try again."


class PreconditionFailed(Problem):
    """``If-Match`` names another version of the file."""

    status_code = 412
    default_code = "precondition_failed"
    default_detail = "The file is not the version that If-Match names."


class UnusableValue(Problem):
    """Every value has the right form, but one does not exist or does not fit the others.

    Used if all faults of a request have the code ``UNUSABLE``.
    """

    status_code = 422
    default_code = UNUSABLE


class RangeNotSatisfiable(Problem):
    """The range of bytes begins after the end of the file."""

    status_code = 416
    default_code = "range_not_satisfiable"
    default_detail = "The range begins after the end of the file."

    def __init__(self, size: int) -> None:
        super().__init__(headers={"Content-Range": f"bytes */{size}"})
