"""The base of all API views."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model
from django.http import Http404, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings
from rest_framework.viewsets import GenericViewSet

from api.negotiation import Negotiation
from api.serializers import QuerySerializer
from api.transfer.bodies import UNKNOWN_SENDER_BYTES, JSONBodyParser, check_length

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

ModelT = TypeVar("ModelT", bound=Model)
FoundT = TypeVar("FoundT", bound=Model)


class Endpoints(GenericViewSet[ModelT]):
    """Refuses unknown parameters and forbids caching.

    ``queries`` maps actions to the serializer of their query parameters; an action that is not
    listed takes none. The validated parameters are in ``self.query``.

    ``scopes`` maps actions to the scope they need: ``read``, ``ingest`` or ``admin``. An action
    that is not listed needs ``read`` for safe methods, else ``admin``.

    With ``takes_files``, senders who may ingest can send bodies of up to ``MAX_UPLOAD_BYTES``;
    others are limited to a few megabytes, and unknown senders to 64 KiB.

    ``tag`` is the heading of these calls in the OpenAPI schema, ``missing`` the text of a 404.
    """

    parser_classes: Any = [JSONBodyParser]
    content_negotiation_class = Negotiation
    takes_files: ClassVar[bool] = False
    scopes: ClassVar[dict[str, str]] = {}
    queries: ClassVar[dict[str, type[Serializer[Any]]]] = {}
    tag: ClassVar[str] = ""
    missing: ClassVar[str] = ""
    query: dict[str, Any]

    def body_limit(self) -> int:
        """Return how many bytes a body may have."""
        return UNKNOWN_SENDER_BYTES

    def initial(self, request: "Request", *args: Any, **kwargs: Any) -> None:
        """Refuse unknown parameters, and a body that is too large before reading it."""
        if self.action is None:
            raise MethodNotAllowed(str(request.method))
        if self.action == "metadata":
            return
        super().initial(request, *args, **kwargs)
        check_length(request, self.body_limit())
        self.query = self._validated_query(request)

    def found(self, rows: "QuerySet[FoundT]", **named: Any) -> FoundT:
        """Return the one row with these values; raises Http404."""
        row = rows.filter(**named).first()
        if row is None:
            raise Http404(self.missing)
        return row

    def page(self, rows: "QuerySet[Any]") -> Response:
        """Return the page of rows that the query asks for."""
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the methods in ``Allow``, without a token; the schema has everything else."""
        return HttpResponse(status=204)

    def finalize_response(
        self, request: "Request", response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Tell caches to store nothing, or to revalidate: the data changes."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(answer, private=True, no_cache=True, no_store=True)
        patch_vary_headers(answer, ["Accept"])
        return answer

    def _validated_query(self, request: "Request") -> dict[str, Any]:
        said = {
            name: values[0] if len(values) == 1 else values
            for name, values in request.query_params.lists()
            if name != api_settings.URL_FORMAT_OVERRIDE
        }
        serializer = self.queries.get(self.action or "", QuerySerializer)(data=said)
        serializer.is_valid(raise_exception=True)
        validated: dict[str, Any] = serializer.validated_data
        return validated
