"""OpenAPI description of the stores whose hours look wrong."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from reports.http.problems import NothingIngested
from stores.http.fitting.serializers import SuggestionsSerializer

_FOUND = {
    "as_of": "2024-03-13T18:13:22.479220Z",
    "count": 1,
    "results": [
        {
            "store_id": "8885322795917573803",
            "url": "http://127.0.0.1:8000/api/v1/stores/8885322795917573803/",
            "edges": [
                {
                    "edge": "opens",
                    "was": "09:00:00",
                    "fits": "10:45:00",
                    "weekdays": [0, 1, 2, 3, 4],
                    "seen": 5,
                    "of": 5,
                }
            ],
            "business_hours": [{"weekday": 0, "opens": "10:45:00", "closes": "17:00:00"}],
        }
    ],
}

hours_suggestions = extend_schema(
    summary="Stores whose business hours look wrong, with hours that would fit",
    operation_id="hours_suggestions",
    responses={
        200: SuggestionsSerializer,
        **error_response(ValidationError, "store_id: There is no such store."),
        **error_response(NothingIngested, "There are no polls yet: ingest some first."),
    },
    examples=[example("Example", _FOUND)],
)
