"""The health check, for load balancers and containers."""

from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, connection
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors.problems import DatabaseUnavailable
from api.schema import error_response

if TYPE_CHECKING:
    from rest_framework.request import Request


class HealthView(APIView):
    """200 if the database answers. Needs no token, since probes have none."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    @extend_schema(
        summary="Check whether the service can answer",
        operation_id="healthz",
        tags=["Service"],
        responses={
            200: inline_serializer("Health", {"status": serializers.CharField()}),
            **error_response(DatabaseUnavailable, "The database cannot be reached."),
        },
        examples=[OpenApiExample("Well", value={"status": "ok"}, status_codes=["200"])],
    )
    def get(self, _request: "Request") -> Response:
        """Check the database with a trivial query."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError) as error:
            raise DatabaseUnavailable from error
        return Response({"status": "ok"}, headers={"Cache-Control": "no-store"})
