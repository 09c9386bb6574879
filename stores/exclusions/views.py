"""Exclusions over HTTP: list, make, view, change, end early, delete."""

from typing import TYPE_CHECKING, ClassVar

from django.db import transaction
from rest_framework.response import Response

from api.pagination import NewestFirst
from api.senders import sender
from api.views import Endpoints
from fleet.models import Exclusion
from stores.exclusions import schema
from stores.exclusions.queries import ExclusionQuery, wanted
from stores.exclusions.serializers import ExclusionInput, ExclusionSerializer

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class ExclusionPages(NewestFirst):
    """Pages of the size that the client asks for."""

    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000


class ExclusionViewSet(Endpoints[Exclusion]):
    """Time that counts for neither side of a share."""

    queryset = Exclusion.objects.select_related("store", "tag")
    tag = schema.TAG
    missing = "There is no such exclusion."
    serializer_class = ExclusionSerializer
    pagination_class = ExclusionPages
    queries = {"list": ExclusionQuery}
    # As for changes of stores.
    scopes: ClassVar[dict[str, str]] = {
        "list": "read",
        "retrieve": "read",
        "create": "admin",
        "partial_update": "admin",
        "destroy": "admin",
    }

    @schema.exclusions_list
    def list(self, request: "Request") -> Response:
        """Return one page of exclusions, newest first."""
        return self.page(wanted(self.query).select_related("store", "tag"))

    @schema.exclusions_create
    def create(self, request: "Request") -> Response:
        """Make an exclusion; it may lie in the past."""
        body = ExclusionInput(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            exclusion = body.apply(Exclusion(created_by=sender(request)))
            exclusion.save()
        answer = self._told(exclusion.pk)
        return Response(answer.data, 201, headers={"Location": answer.data["url"]})

    @schema.exclusions_retrieve
    def retrieve(self, request: "Request", exclusion_id: int) -> Response:
        """Return one exclusion."""
        return self._told(exclusion_id)

    @schema.exclusions_update
    def partial_update(self, request: "Request", exclusion_id: int) -> Response:
        """Change the given fields; ``ends_at`` ends it early."""
        data = request.data  # Read before the lock, so that nothing waits for it.
        body = ExclusionInput(data=data, partial=True)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            # Checked together with the unchanged values, so those must not change meanwhile.
            exclusion = self._found(exclusion_id, for_change=True)
            self._remember(request, exclusion)
            body.apply(exclusion).save()
        return self._told(exclusion_id)

    @schema.exclusions_destroy
    def destroy(self, request: "Request", exclusion_id: int) -> Response:
        """Delete an exclusion; its time counts again."""
        exclusion = self._found(exclusion_id)
        self._remember(request, exclusion)
        exclusion.delete()
        return Response(status=204)

    def _found(self, exclusion_id: int, *, for_change: bool = False) -> Exclusion:
        rows: QuerySet[Exclusion] = self.get_queryset()
        locked = Exclusion.objects.select_for_update() if for_change else rows
        return self.found(locked, pk=exclusion_id)

    def _remember(self, request: "Request", exclusion: Exclusion) -> None:
        """Tell the audit log what the exclusion was."""
        was = dict(self.get_serializer(exclusion).data)
        del was["next_occurrences"]
        # The middleware sees Django's request, not DRF's.
        request._request.audit_detail = {"was": was}  # type: ignore[attr-defined] # noqa: SLF001

    def _told(self, exclusion_id: int) -> Response:
        return Response(self.get_serializer(self._found(exclusion_id)).data)
