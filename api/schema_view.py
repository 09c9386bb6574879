"""The OpenAPI schema, built once per process: it takes up to a second and does not change."""

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.decorators import method_decorator
from django.views.decorators.http import etag
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SCHEMA_KWARGS, SpectacularAPIView
from rest_framework.response import Response

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request


@cache
def schema() -> dict[str, Any]:
    """Return the schema, built on first use."""
    made: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return made


@cache
def _digest() -> str:
    return hashlib.sha256(json.dumps(schema(), default=str).encode()).hexdigest()


def _etag(request: "HttpRequest", *_: Any, **__: Any) -> str:
    """Return the ETag of the requested format."""
    form = f"{request.headers.get('Accept', '')} {request.GET.get('format', '')}"
    return f'"{hashlib.sha256((_digest() + form).encode()).hexdigest()}"'


class SchemaView(SpectacularAPIView):
    """The schema as YAML or JSON; its ETag changes with the release."""

    @extend_schema(**SCHEMA_KWARGS)
    @method_decorator(etag(_etag))
    def get(self, request: "Request", *_: Any, **__: Any) -> Response:
        name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return Response(schema(), headers=headers)
