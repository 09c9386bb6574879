"""What the OpenAPI schema says the same way of every endpoint."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from api.serializers import ErrorSerializer


def error_response(status: int, code: str, message: str) -> dict[int, Any]:
    """Return the entry of an error in ``responses``."""
    example = OpenApiExample(code, value={"message": message, "code": code})
    return {status: OpenApiResponse(ErrorSerializer, description=code, examples=[example])}
