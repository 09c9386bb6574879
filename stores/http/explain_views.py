"""Explanations of one store's numbers over HTTP, as JSON or as text."""

from typing import TYPE_CHECKING, Any

from django.http import Http404
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from api.errors.problems import UNUSABLE
from api.views import Endpoints
from fleet.models import Store
from reports.request.kept import PollsGone
from stores.explaining import explanation_of
from stores.history import Gone, TooManyPolls
from stores.http import explain_schema as schema
from stores.http.history_views import MOST_POLLS, instant_asked
from stores.http.queries import ExplainQuery, explained_window
from stores.http.views import NO_STORE
from uptime.explain.text import explanation_text
from uptime.explain.told import told_explanation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

_TOO_MANY = {"window": f"It needs more than {MOST_POLLS:,} polls; ask for a shorter one."}


class TextRenderer(BaseRenderer):
    """Text for people."""

    media_type = "text/plain"
    format = "txt"
    charset = "utf-8"

    def render(
        self,
        data: str,
        accepted_media_type: str | None = None,  # noqa: ARG002 (DRF's arguments)
        renderer_context: "Mapping[str, Any] | None" = None,  # noqa: ARG002
    ) -> bytes:
        return data.encode()


class ExplainViewSet(Endpoints[Any]):
    """Why the numbers of one store are what they are."""

    tag = schema.TAG
    missing = NO_STORE
    renderer_classes = [JSONRenderer, TextRenderer]
    queries = {"explain": ExplainQuery}
    scopes = {"explain": "read"}

    @schema.store_explain
    def explain(self, request: "Request", store_id: str) -> Response:
        """Return the explanation of one window, which adds up to the report's numbers."""
        store = self.found(Store.objects.all(), store_id=store_id)
        question, place = explained_window(self.query, instant_asked(self.query))
        try:
            explanation = explanation_of(store, question, most_polls=MOST_POLLS)
        except Gone as error:
            raise Http404(NO_STORE) from error
        except PollsGone as error:
            raise ValidationError({"window": str(error)}, code=UNUSABLE) from error
        except TooManyPolls as error:
            raise ValidationError(_TOO_MANY, code=UNUSABLE) from error
        renderer: Any = request.accepted_renderer
        if renderer.format == TextRenderer.format:
            return Response("".join(f"{line}\n" for line in explanation_text(explanation, place)))
        return Response(told_explanation(explanation, place))
