"""URLs of exclusions."""

from api.routing import either
from stores.exclusions.views import ExclusionViewSet

urlpatterns = [
    *either(
        "api/v1/exclusions/",
        ExclusionViewSet.as_view({"get": "list", "post": "create"}),
        "exclusions",
    ),
    *either(
        "api/v1/exclusions/<int:exclusion_id>/",
        ExclusionViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        "exclusion",
    ),
]
