"""Shared by the classic and the REST API: starting a report, and when to ask again."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from rest_framework.response import Response

from api.errors.problems import BrokerUnreachable
from api.senders import sender
from api.views import Endpoints
from jobs.models import UNFINISHED
from reports.http.problems import IdempotencyKeyReused, NothingIngested, TooManyReports
from reports.http.request_serializers import refused
from reports.models import Report
from reports.request.parameters import Parameters
from reports.request.requesting import NoPolls, TooManyUnfinished, check_room
from reports.request.starting import NotQueued, start
from reports.request.unusable import KeyReused, UnusableParameter

if TYPE_CHECKING:
    from reports.request.requesting import Requested

_LONGEST_WAIT = 30
_WHEN_ONE_MAY_HAVE_ENDED = {"Retry-After": "10"}


class ReportEndpoints(Endpoints[Report]):
    """Starts reports in the name of the sender."""

    queryset = Report.objects.all()

    def start(
        self, wanted: Parameters, *, key: str = "", reuse: bool = False, **extra: Any
    ) -> "Requested":
        """Start a report or find it; ``extra`` is added to the answer if it cannot be queued.

        Raises ValidationError, NothingIngested, IdempotencyKeyReused, TooManyReports and
        BrokerUnreachable.
        """
        try:
            return start(wanted, requested_by=sender(self.request), key=key, reuse=reuse)
        except NoPolls as error:
            raise NothingIngested(str(error)) from error
        except UnusableParameter as error:
            raise refused(error) from error
        except KeyReused as error:
            raise IdempotencyKeyReused(str(error)) from error
        except TooManyUnfinished as error:
            raise TooManyReports(
                str(error), extra=extra, headers=_WHEN_ONE_MAY_HAVE_ENDED
            ) from error
        except NotQueued as error:
            reason = (
                "The report could not be queued: the broker cannot be reached. Try again later."
            )
            raise BrokerUnreachable(
                reason, extra={"report_id": error.report.id, **extra}
            ) from error

    def check_room(self) -> None:
        """Raise TooManyReports before the rest of the request is processed."""
        try:
            check_room(sender(self.request), settings.REPORT_MAX_UNFINISHED)
        except TooManyUnfinished as error:
            raise TooManyReports(str(error), headers=_WHEN_ONE_MAY_HAVE_ENDED) from error


def retry(report: Report) -> dict[str, str]:
    """Return the Retry-After header: the longer the report has taken, the later."""
    if report.status not in UNFINISHED:
        return {}
    age = (timezone.now() - report.created_at).total_seconds()
    return {"Retry-After": str(int(min(max(age / 10, 1), _LONGEST_WAIT)))}


def accepted(answer: Any, location: str) -> Response:
    """Return the answer to a request for a new report."""
    return Response(answer, 202, headers={"Location": location, "Retry-After": "1"})
