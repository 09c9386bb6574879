"""The list of poller outages."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.errors.problems import UNUSABLE
from api.pagination import CursorPages
from api.views import Endpoints
from fleet.extent import newest_poll
from jobs import clock
from reports.http.poller import schema
from reports.http.poller.serializers import (
    PollerOutageQuery,
    PollerOutageSerializer,
    interval,
)
from reports.http.problems import NothingIngested
from reports.poller.models import FoundOutage
from reports.poller.search import outages_between, searched
from reports.request.kept import PollsGone
from reports.request.requesting import NoPolls

if TYPE_CHECKING:
    from rest_framework.request import Request


class LatestFirst(CursorPages):
    """Outages by their start, which stays when the data change and they are found again."""

    ordering = ("-started_at", "-id")
    page_size = 50


class PollerOutageViewSet(Endpoints[FoundOutage]):
    """When nobody polled."""

    tag = schema.TAG
    serializer_class = PollerOutageSerializer
    pagination_class = LatestFirst
    queries = {"list": PollerOutageQuery}
    queryset = FoundOutage.objects.none()

    @schema.poller_outages_list
    def list(self, request: "Request") -> Response:
        """Return one page of the outages that touch the interval, newest first."""
        newest = newest_poll()
        if newest is None:
            raise NothingIngested(str(NoPolls()))
        now = clock.now()
        start, end = interval(self.query, newest, now)
        try:
            found = searched(start, newest)
        except PollsGone as error:
            raise ValidationError({"from": str(error)}, code=UNUSABLE) from error
        return self.page(outages_between(found, start, end, now))
