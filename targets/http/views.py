"""Targets over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.errors.problems import UNUSABLE
from api.pagination import NewestFirst
from api.senders import sender
from api.serializers import PageQuery
from api.views import Endpoints
from targets import services
from targets.http import schema
from targets.http.serializers import TargetInput, TargetSerializer
from targets.models import Target

if TYPE_CHECKING:
    from rest_framework.request import Request


class TargetViewSet(Endpoints[Target]):
    """Targets."""

    queryset = Target.objects.order_by("-id")
    tag = schema.TAG
    missing = schema.NO_TARGET
    serializer_class = TargetSerializer
    pagination_class = NewestFirst
    queries = {"list": PageQuery}

    @schema.targets_list
    def list(self, request: "Request") -> Response:
        """Return one page of targets, newest first."""
        return self.page(self.get_queryset())

    @schema.targets_create
    def create(self, request: "Request") -> Response:
        """Create a target."""
        body = TargetInput(data=request.data)
        body.is_valid(raise_exception=True)
        with _name_is_free():
            target = services.create_target(created_by=sender(request), **body.validated_data)
        address = reverse("target", kwargs={"target_id": target.pk}, request=request)
        answer = self.get_serializer(self._target(target.pk)).data
        return Response(answer, 201, headers={"Location": address})

    @schema.targets_retrieve
    def retrieve(self, request: "Request", target_id: int) -> Response:
        """Return one target."""
        return Response(self.get_serializer(self._target(target_id)).data)

    @schema.targets_update
    def partial_update(self, request: "Request", target_id: int) -> Response:
        """Change the given fields."""
        data = request.data  # Read before the lock, so that nothing waits for it.
        with transaction.atomic():
            # Checked together with the unchanged values, so those must not change meanwhile.
            target = self.found(Target.objects.select_for_update(no_key=True), pk=target_id)
            body = TargetInput(target, data=data, partial=True)
            body.is_valid(raise_exception=True)
            with _name_is_free():
                services.change_target(target, **body.validated_data)
        return Response(self.get_serializer(self._target(target_id)).data)

    @schema.targets_delete
    def destroy(self, request: "Request", target_id: int) -> Response:
        """Delete a target."""
        self._target(target_id).delete()
        return Response(status=204)

    def _target(self, target_id: int) -> Target:
        return self.found(Target.objects.all(), pk=target_id)


@contextmanager
def _name_is_free() -> Iterator[None]:
    """Refuse a name that another request took after it was checked."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"name": services.NAME_TAKEN}, code=UNUSABLE) from error
