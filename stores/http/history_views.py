"""Numbers and timelines of one store over HTTP."""

from typing import TYPE_CHECKING, Any

from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.errors.problems import UNUSABLE
from api.views import Endpoints
from fleet.extent import newest_poll
from fleet.models import Store
from reports.http.problems import NothingIngested
from reports.request.kept import PollsGone
from reports.request.requesting import NoPolls
from stores.answers import told_timeline, told_uptime
from stores.history import Gone, TooManyPolls, timeline_of, uptime_of
from stores.http import schema
from stores.http.queries import TimelineQuery, UptimeQuery, asked, gone
from stores.http.views import NO_STORE

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

    from uptime import Question

# Each poll may make a span of a third of a kilobyte of JSON; a year of hourly polls has 9,000.
MOST_POLLS = 50_000
_TOO_MANY = {"from": f"The interval has more than {MOST_POLLS:,} polls; ask for a shorter one."}


class HistoryViewSet(Endpoints[Any]):
    """Numbers and timelines of one store, computed on request."""

    tag = schema.TAG
    missing = NO_STORE
    queries = {"uptime": UptimeQuery, "timeline": TimelineQuery}
    scopes = {"uptime": "read", "timeline": "read"}

    @schema.store_uptime
    def uptime(self, _: "Request", store_id: str) -> Response:
        """Return the numbers of one store."""
        store = self.found(Store.objects.all(), store_id=store_id)
        wanted = self._asked()
        try:
            fleet, summary = uptime_of(store, wanted)
        except Gone as error:
            raise Http404(NO_STORE) from error
        except PollsGone as error:
            raise gone(self.query, error) from error
        return Response(told_uptime(fleet, summary, wanted))

    @schema.store_timeline
    def timeline(self, _: "Request", store_id: str) -> Response:
        """Return the state at every instant of an interval."""
        store = self.found(Store.objects.all(), store_id=store_id)
        wanted = self._asked()
        try:
            history = timeline_of(store, wanted, most_polls=MOST_POLLS)
        except Gone as error:
            raise Http404(NO_STORE) from error
        except PollsGone as error:
            raise gone(self.query, error) from error
        except TooManyPolls as error:
            raise ValidationError(_TOO_MANY, code=UNUSABLE) from error
        return Response(told_timeline(history, wanted))

    def _asked(self) -> "Question":
        return asked(self.query, instant_asked(self.query))


def instant_asked(query: "dict[str, Any]") -> "datetime":
    """Return the given as of or the newest poll; raises NothingIngested without any."""
    as_of = query.get("as_of") or newest_poll()
    if as_of is None:
        raise NothingIngested(str(NoPolls()))
    return as_of
