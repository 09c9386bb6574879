"""OpenAPI description of the list of poller outages."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError

from api.schema import error_response, example
from reports.http.poller.serializers import PollerOutageSerializer
from reports.http.problems import NothingIngested

TAG = "Poller outages"
_OUTAGE = {
    "from": "2023-01-19T20:12:23.308082Z",
    "to": "2023-01-20T05:25:33.887900Z",
    "scope": "fleet",
    "stores": 14091,
}
_LASTS = {
    "from": "2023-01-25T12:03:10.250000Z",
    "to": None,
    "scope": "zone:America/New_York",
    "stores": 8143,
}

poller_outages_list = extend_schema(
    summary="When nobody polled the fleet, a time zone or a tag",
    description="Newest first. Found in the polls themselves, by rule 18 of docs/uptime.md. An"
    " outage of the fleet is not repeated for its zones and tags.",
    operation_id="poller_outages_list",
    responses={
        200: PollerOutageSerializer(many=True),
        **error_response(ValidationError, "from: Must be before the end."),
        **error_response(NothingIngested, "There are no polls yet: ingest some first."),
    },
    examples=[example("Ended", _OUTAGE), example("Still going on", _LASTS)],
)
