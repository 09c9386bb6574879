"""Schedules and the log of their runs over HTTP."""

from typing import TYPE_CHECKING, ClassVar

from django.db import transaction
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.pagination import NewestFirst
from api.senders import sender
from api.serializers import PageQuery
from api.views import Endpoints
from schedules import services
from schedules.http import schema
from schedules.http.serializers import RunSerializer, ScheduleInput, ScheduleSerializer
from schedules.models import Schedule, ScheduledRun

if TYPE_CHECKING:
    from rest_framework.request import Request


class ScheduleViewSet(Endpoints[Schedule]):
    """Schedules. They contain e-mail addresses, so even reading needs `admin`."""

    queryset = Schedule.objects.order_by("-id")
    tag = "Schedules"
    missing = "There is no such schedule."
    serializer_class = ScheduleSerializer
    pagination_class = NewestFirst
    queries = {"list": PageQuery}
    scopes: ClassVar[dict[str, str]] = {"list": "admin", "retrieve": "admin"}

    def body_limit(self) -> int:
        """Return the limit of the body in bytes: it may name ten thousand stores."""
        return 2 * 1024 * 1024

    @schema.schedules_list
    def list(self, request: "Request") -> Response:
        """Return one page of schedules, newest first."""
        return self.page(self.get_queryset())

    @schema.schedules_create
    def create(self, request: "Request") -> Response:
        """Create a schedule."""
        body = ScheduleInput(data=request.data)
        body.is_valid(raise_exception=True)
        schedule = services.create_schedule(created_by=sender(request), **body.validated_data)
        address = reverse("schedule", kwargs={"schedule_id": schedule.pk}, request=request)
        answer = self.get_serializer(self._schedule(schedule.pk)).data
        return Response(answer, 201, headers={"Location": address})

    @schema.schedules_retrieve
    def retrieve(self, request: "Request", schedule_id: int) -> Response:
        """Return one schedule."""
        return Response(self.get_serializer(self._schedule(schedule_id)).data)

    @schema.schedules_update
    def partial_update(self, request: "Request", schedule_id: int) -> Response:
        """Change the given fields."""
        data = request.data  # Read before the lock, so that nothing waits for it.
        with transaction.atomic():
            # Checked together with the unchanged values, so those must not change meanwhile.
            schedule = self.found(Schedule.objects.select_for_update(), pk=schedule_id)
            body = ScheduleInput(schedule, data=data, partial=True)
            body.is_valid(raise_exception=True)
            schedule = services.change_schedule(schedule, **body.validated_data)
        return Response(self.get_serializer(schedule).data)

    @schema.schedules_delete
    def destroy(self, request: "Request", schedule_id: int) -> Response:
        """Delete a schedule with its runs; its reports stay."""
        self._schedule(schedule_id).delete()
        return Response(status=204)

    def _schedule(self, schedule_id: int) -> Schedule:
        return self.found(Schedule.objects.all(), pk=schedule_id)


class RunViewSet(Endpoints[ScheduledRun]):
    """The runs of a schedule, one per period."""

    queryset = ScheduledRun.objects.order_by("-due_at", "-id")
    tag = "Schedules"
    missing = ScheduleViewSet.missing
    serializer_class = RunSerializer
    queries = {"list": PageQuery}
    scopes: ClassVar[dict[str, str]] = {"list": "admin"}

    class pagination_class(NewestFirst):  # noqa: N801 - DRF's name
        """Runs have no increasing number, so they are ordered by due time."""

        ordering = ("-due_at", "-id")

    @schema.runs_list
    def list(self, request: "Request", schedule_id: int) -> Response:
        """Return one page of the runs of a schedule, newest first."""
        schedule = self.found(Schedule.objects.all(), pk=schedule_id)
        return self.page(self.get_queryset().filter(schedule=schedule))
