"""Two reports compared over HTTP."""

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from pyarrow import ArrowInvalid, ArrowKeyError
from rest_framework import serializers
from rest_framework.response import Response

from api.errors.problems import UNUSABLE, StorageUnavailable
from api.schema import error_response, example
from api.serializers import QuerySerializer
from api.transfer.downloads import FileDamaged, FileGone
from api.views import Endpoints
from reports.comparing.numbers import NotComparable, asked_differently, compared, shared_windows
from reports.http import schema
from reports.http.lookup import NO_REPORT, check_complete, report_named
from reports.http.problems import ReportRunning
from reports.models import Report
from uptime.printing.csv import UNIT_NAMES

if TYPE_CHECKING:
    import pyarrow as pa
    from rest_framework.request import Request

    from reports.comparing.changes import Change, Comparison

MOST = 10_000
LISTED = 100
_OTHER = "1b7f3a52-5a57-4d0c-9a40-0f2d9d3b7c11"


class ComparisonQuery(QuerySerializer):
    """The other report, and how many changes to list."""

    limit = serializers.IntegerField(
        default=LISTED, min_value=1, max_value=MOST, help_text="How many changes to list."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``with``, a reserved word in Python."""
        other = serializers.UUIDField(help_text="The id of the earlier report.")
        return {"with": other, **super().get_fields()}


class MeasureSerializer(serializers.Serializer[Any]):
    """A number in both reports, in the window's unit, and by how much it changed."""

    before = serializers.FloatField()
    after = serializers.FloatField()
    change = serializers.FloatField()


class ChangeSerializer(serializers.Serializer[Any]):
    """A store's numbers in one window that changed."""

    store_id = serializers.CharField()
    window = serializers.CharField()
    unit = serializers.ChoiceField(list(UNIT_NAMES.values()))
    uptime = MeasureSerializer()
    downtime = MeasureSerializer()
    margins = serializers.FloatField(
        allow_null=True, help_text="The margins of both together; null if a report has none."
    )


class OnlyInOneSerializer(serializers.Serializer[Any]):
    """The stores that only one of the reports has."""

    count = serializers.IntegerField()
    store_ids = serializers.ListField(
        child=serializers.CharField(), help_text="At most `limit` of them."
    )


class ComparisonSerializer(serializers.Serializer[Any]):
    """What changed from an earlier report to a later one."""

    by_margins = serializers.BooleanField(
        help_text="Whether both have full columns, so that only changes beyond margins count."
    )
    windows = serializers.ListField(
        child=serializers.CharField(), help_text="Those of both reports."
    )
    asked_differently = serializers.ListField(
        child=serializers.CharField(), help_text="Other parameters that differ."
    )
    changed = serializers.IntegerField(help_text="Stores that changed in some window.")
    within_margins = serializers.IntegerField(help_text="Stores that differ within margins only.")
    same = serializers.IntegerField(help_text="Stores without any difference.")
    change_count = serializers.IntegerField(help_text="Changes of a store in a window.")
    changes = ChangeSerializer(many=True, help_text="The largest first, at most `limit`.")
    only_before = OnlyInOneSerializer()
    only_after = OnlyInOneSerializer()


_CHANGE = {
    "store_id": "8419537941919820732",
    "window": "24h",
    "unit": "hours",
    "uptime": {"before": 9.52, "after": 6.31, "change": -3.21},
    "downtime": {"before": 2.48, "after": 5.69, "change": 3.21},
    "margins": 1.4,
}
_COMPARISON = {
    "by_margins": True,
    "windows": ["24h"],
    "asked_differently": [],
    "changed": 1,
    "within_margins": 211,
    "same": 14013,
    "change_count": 1,
    "changes": [_CHANGE],
    "only_before": {"count": 0, "store_ids": []},
    "only_after": {"count": 1, "store_ids": ["9210340498421356789"]},
}
_compare = extend_schema(
    summary="What changed since another report",
    description=(
        "Only stores whose numbers changed by more than the margins of both reports together"
        " (rule 27 of docs/uptime.md), the largest change first. With classic columns, which have"
        " no margins, every difference counts. To see what late polls did to an earlier report,"
        " request it again as of the same instant and compare the two."
    ),
    operation_id="reports_compare",
    parameters=[schema.PATH_ID],
    responses={
        200: ComparisonSerializer,
        **schema.BAD_ID,
        **error_response(ReportRunning),
        **error_response(FileGone),
        **error_response(FileDamaged),
        **error_response(StorageUnavailable),
    },
    examples=[example(f"Compared with {_OTHER}", _COMPARISON)],
)


class ComparisonViewSet(Endpoints[Report]):
    """GET .../compare/."""

    tag = schema.TAG
    missing = NO_REPORT
    queryset = Report.objects.all()
    queries = {"compare": ComparisonQuery}
    scopes = {"compare": "read"}

    @_compare
    def compare(self, request: "Request", report_id: str) -> Response:  # noqa: ARG002 - as DRF calls it
        """Compare a report with an earlier one."""
        after = report_named(report_id)
        check_complete(after)
        before = Report.objects.filter(pk=self.query["with"]).first()
        if before is None:
            raise _refused(NO_REPORT)
        check_complete(before)
        limit = self.query["limit"]
        try:
            windows = [window.text for window in shared_windows(before, after)]
            found = compared(before, after, limit)
        except NotComparable as error:
            raise _refused(str(error)) from error
        except (ArrowInvalid, ArrowKeyError) as error:
            raise FileDamaged("The file of one of them is damaged. Request it again.") from error
        asked = {"windows": windows, "asked_differently": asked_differently(before, after)}
        return Response({"by_margins": found.by_margins, **asked, **_told(found, limit)})


def _refused(reason: str) -> serializers.ValidationError:
    return serializers.ValidationError({"with": [reason]}, code=UNUSABLE)


def _told(found: "Comparison", limit: int) -> dict[str, Any]:
    names = ("changed", "within_margins", "same", "change_count")
    return {
        **{name: getattr(found, name) for name in names},
        "changes": [_change(one) for one in found.most],
        "only_before": _only(found.only_before, limit),
        "only_after": _only(found.only_after, limit),
    }


def _change(one: "Change") -> dict[str, Any]:
    return {
        "store_id": one.store_id,
        "window": one.window.text,
        "unit": UNIT_NAMES[one.window.unit],
        "uptime": _measure(*one.up),
        "downtime": _measure(*one.down),
        "margins": None if one.margins is None else one.margins / 100,
    }


def _measure(before: int, after: int) -> dict[str, float]:
    return {"before": before / 100, "after": after / 100, "change": (after - before) / 100}


def _only(ids: "pa.Array", limit: int) -> dict[str, Any]:
    return {"count": len(ids), "store_ids": ids[:limit].to_pylist()}
