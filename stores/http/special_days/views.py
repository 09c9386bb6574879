"""Special days over HTTP: list, add, change, delete."""

from typing import TYPE_CHECKING, Any, NoReturn

from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.errors.problems import UNUSABLE
from api.pagination import CursorPages
from api.senders import sender
from api.views import Endpoints
from fleet.models import SpecialDay
from fleet.special_days.editing import (
    Conflict,
    add_special_day,
    change_special_day,
    delete_special_day,
)
from fleet.special_days.proposals import UnknownPlace, proposals
from fleet.special_days.scopes import UnknownScope
from stores.http.problems import SpecialDayConflict
from stores.http.special_days import schema
from stores.http.special_days.serializers import (
    ProposalQuery,
    ProposalsSerializer,
    SpecialDayInput,
    SpecialDayQuery,
    SpecialDaySerializer,
    TimesInput,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

NO_DAY = "There is no such special day."


class ByDate(CursorPages):
    """Special days in the order of their dates."""

    ordering = ("date", "id")
    page_size = 100


class SpecialDayViewSet(Endpoints[SpecialDay]):
    """Special days. Changing one needs the same scope as changing a store."""

    tag = schema.TAG
    missing = NO_DAY
    queryset = SpecialDay.objects.select_related("store", "tag")
    serializer_class = SpecialDaySerializer
    pagination_class = ByDate
    queries = {"list": SpecialDayQuery}

    @schema.special_days_list
    def list(self, request: "Request") -> Response:
        """Return one page of special days."""
        return self.page(_matching(self.get_queryset(), self.query))

    @schema.special_days_create
    def create(self, request: "Request") -> Response:
        """Add a special day, unless the same row is there."""
        body = SpecialDayInput(data=request.data)
        body.is_valid(raise_exception=True)
        scope: str = body.validated_data["scope"]
        try:
            day, made = add_special_day(scope, body.times, made_by=sender(request))
        except UnknownScope as error:
            raise ValidationError({"scope": str(error)}, code=UNUSABLE) from error
        except Conflict as error:
            raise _conflict(error) from error
        address = reverse("special-day", kwargs={"special_day_id": day.pk}, request=request)
        answer = self._told(day.pk)
        return Response(answer, 201 if made else 200, headers={"Location": address})

    @schema.special_days_retrieve
    def retrieve(self, request: "Request", special_day_id: int) -> Response:
        """Return one special day."""
        return Response(self._told(special_day_id))

    @schema.special_days_update
    def partial_update(self, request: "Request", special_day_id: int) -> Response:
        """Change the given values."""
        body = TimesInput(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        try:
            change_special_day(special_day_id, body.validated_data)
        except SpecialDay.DoesNotExist:
            _not_there()
        except ValueError as error:
            raise ValidationError({"closes": str(error)}, code=UNUSABLE) from error
        except Conflict as error:
            raise _conflict(error) from error
        return Response(self._told(special_day_id))

    @schema.special_days_delete
    def destroy(self, request: "Request", special_day_id: int) -> Response:
        """Delete a special day."""
        try:
            delete_special_day(special_day_id)
        except SpecialDay.DoesNotExist:
            _not_there()
        return Response(status=204)

    def _told(self, key: int) -> Any:
        return self.get_serializer(self.found(self.get_queryset(), pk=key)).data


class ProposalViewSet(Endpoints[SpecialDay]):
    """Public holidays; they become special days only when somebody adds them."""

    tag = schema.TAG
    queries = {"proposals": ProposalQuery}
    queryset = SpecialDay.objects.none()
    scopes = {"proposals": "read"}
    pagination_class = None

    @schema.proposals_list
    def proposals(self, request: "Request") -> Response:
        """Return the public holidays of a year."""
        asked = self.query
        try:
            found = proposals(asked["country"], asked["region"], asked["year"])
        except UnknownPlace as error:
            raise ValidationError({error.field: str(error)}, code=UNUSABLE) from error
        return Response(ProposalsSerializer({"proposals": found}).data)


def _matching(days: "QuerySet[SpecialDay]", query: dict[str, Any]) -> "QuerySet[SpecialDay]":
    named = {"from": "date__gte", "to": "date__lte", "store": "store__store_id", "tag": "tag__name"}
    days = days.filter(**{named[name]: query[name] for name in named if name in query})
    match query.get("scope"):
        case "fleet":
            return days.filter(store=None, tag=None)
        case "tag":
            return days.filter(tag__isnull=False)
        case "store":
            return days.filter(store__isnull=False)
    return days


def _conflict(error: Conflict) -> SpecialDayConflict:
    return SpecialDayConflict(str(error), extra={"special_days": error.rows})


def _not_there() -> NoReturn:
    raise Http404(NO_DAY)
