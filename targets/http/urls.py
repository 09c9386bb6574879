"""URLs of targets."""

from api.routing import either
from targets.http.views import TargetViewSet

urlpatterns = [
    *either("api/v1/targets/", TargetViewSet.as_view({"get": "list", "post": "create"}), "targets"),
    *either(
        "api/v1/targets/<int:target_id>/",
        TargetViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        "target",
    ),
]
