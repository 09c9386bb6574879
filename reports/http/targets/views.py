"""The results of a target."""

from typing import TYPE_CHECKING, Any

from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.errors.problems import UNUSABLE
from api.views import Endpoints
from fleet.extent import newest_poll
from reports.http.problems import NothingIngested
from reports.http.targets import schema
from reports.http.targets.serializers import (
    USUAL,
    ResultsQuery,
    told_counts,
    told_results,
)
from reports.kinds.targets_of_stores import texts_of
from reports.request.requesting import NoPolls
from reports.targets.computing import results_of
from targets.http.schema import NO_TARGET, TAG
from targets.http.serializers import TargetSerializer
from targets.models import Target

if TYPE_CHECKING:
    from rest_framework.request import Request


class ResultsViewSet(Endpoints[Any]):
    """What targets come to, computed on request."""

    tag = TAG
    missing = NO_TARGET
    queries = {"retrieve": ResultsQuery}

    @schema.target_results
    def retrieve(self, _: "Request", target_id: int) -> Response:
        """Return the results of one target."""
        target = self.found(Target.objects.all(), pk=target_id)
        as_of = self.query.get("as_of") or newest_poll()
        if as_of is None:
            raise NothingIngested(str(NoPolls()))
        try:
            asked, pieces = results_of(target, as_of)
        except Target.DoesNotExist as error:
            raise Http404(NO_TARGET) from error
        except ValueError as error:  # PollsGone is one.
            raise ValidationError({"as_of": str(error)}, code=UNUSABLE) from error
        texts = texts_of(asked.windows)
        counts = told_counts(texts, pieces)
        return Response(
            {
                "target": TargetSerializer(target).data,
                "as_of": as_of,
                "counts": [one for one in counts if one["window"] in target.windows],
                "results": told_results(texts, pieces, self.query.get("limit", USUAL)),
            }
        )
