"""URLs of schedules."""

from api.routing import either
from schedules.http.views import RunViewSet, ScheduleViewSet

_SCHEDULE = "api/v1/schedules/<int:schedule_id>/"

urlpatterns = [
    *either(
        "api/v1/schedules/",
        ScheduleViewSet.as_view({"get": "list", "post": "create"}),
        "schedules",
    ),
    *either(
        _SCHEDULE,
        ScheduleViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        "schedule",
    ),
    *either(f"{_SCHEDULE}runs/", RunViewSet.as_view({"get": "list"}), "schedule-runs"),
]
