"""The list of stores whose hours look wrong."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.errors.problems import UNUSABLE
from api.views import Endpoints
from fleet.extent import newest_poll
from fleet.models import Store
from reports.http.problems import NothingIngested
from reports.request.kept import PollsGone
from reports.request.requesting import NoPolls
from stores.fitting import looking_wrong
from stores.http.fitting import schema
from stores.http.fitting.serializers import (
    USUAL,
    LooksWrongSerializer,
    SuggestionsQuery,
    told,
)
from stores.http.views import NO_STORE

if TYPE_CHECKING:
    from rest_framework.request import Request


class SuggestionViewSet(Endpoints[Any]):
    """Hours that look wrong, as of the newest poll."""

    tag = "Stores"
    serializer_class = LooksWrongSerializer
    queries = {"suggest": SuggestionsQuery}

    @schema.hours_suggestions
    def suggest(self, _: "Request") -> Response:
        """Return the stores, by their ids."""
        as_of = newest_poll()
        if as_of is None:
            raise NothingIngested(str(NoPolls()))
        try:
            found = looking_wrong(as_of, self._store())
        except PollsGone as error:
            raise ValidationError(str(error), code=UNUSABLE) from error
        serializer = self.get_serializer()
        shown = found[: self.query.get("limit", USUAL)]
        results = [told(serializer, one) for one in shown]
        return Response({"as_of": as_of, "count": len(found), "results": results})

    def _store(self) -> Store | None:
        """Return the store that is asked for, None for all."""
        if "store_id" not in self.query:
            return None
        store = Store.objects.filter(store_id=self.query["store_id"]).first()
        if store is None:
            raise ValidationError({"store_id": NO_STORE}, code=UNUSABLE)
        return store
