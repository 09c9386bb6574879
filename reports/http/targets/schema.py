"""OpenAPI description of the results of a target."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from reports.http.problems import NothingIngested
from reports.http.targets.serializers import ResultsSerializer
from targets.http import schema

_RESULTS = {
    "target": schema.TARGET,
    "as_of": "2024-03-13T18:00:00Z",
    "counts": [
        {"window": "7d", "met": 13802, "missed": 311, "cannot_be_told": 245, "at_risk": 118}
    ],
    "results": [
        {
            "store_id": "8139926242460185114",
            "window": "7d",
            "verdict": "missed",
            "at_risk": False,
            "uptime_percentage": "95.00",
            "open_us": 302400000000,
            "up_us": 287280000000,
            "down_us": 15120000000,
            "unknown_us": 0,
            "least_uptime_us": 284400000000,
            "most_uptime_us": 290160000000,
            "to_come_us": 0,
            "budget_us": 1512000000,
            "spent_us": 15120000000,
            "left_us": -13608000000,
            "burn_rate": "10.00",
        }
    ],
}

target_results = extend_schema(
    summary="What a target comes to, the worst first",
    description="Of the stores to which this target applies and no nearer or stricter one."
    " All of them, in any format, are in a report of kind `targets`.",
    operation_id="target_results",
    responses={
        200: ResultsSerializer,
        **error_response(ValidationError, "as_of: Polls from before 2024-01-01 were pruned."),
        **error_response(NothingIngested, "There are no polls yet: ingest some first."),
    },
    examples=[example("Example", _RESULTS)],
)
