"""Query parameters of requests about stores."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from api.errors.problems import UNUSABLE
from api.serializers import InstantField, PageQuery, QuerySerializer
from reports.http.fields import LengthField
from reports.request.kept import PollsGone, check_kept
from reports.request.parameters import question
from stores.http.fields import TagField, WindowField, WindowsField, ZoneFilterField
from uptime import DEFAULT_WINDOWS, Question, Window, parse_windows
from uptime.explain.choosing import windows_and_place
from uptime.instants import to_microseconds

LONGEST = timedelta(days=366)
USUAL = timedelta(days=7)


class LimitedPageQuery(PageQuery):
    """A page and its size."""

    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=1000, help_text="Rows per page; 100 by default."
    )


class StoreQuery(LimitedPageQuery):
    """The filters of the store list; a store must meet all that are given."""

    search = serializers.CharField(
        required=False, max_length=200, help_text="Text in the id or the name, ignoring case."
    )
    time_zone = ZoneFilterField(
        required=False, help_text="An IANA name, or `none` for stores without one."
    )
    tag = TagField(required=False)
    status = serializers.ChoiceField(
        required=False, choices=["active", "inactive", "never"], help_text="At the last poll."
    )
    never_polled = serializers.BooleanField(required=False)
    stale = LengthField(
        required=False,
        help_text="Last polled more than this before the newest poll of all stores: `3h`,"
        " `2d`. Stores never polled are left out.",
    )
    business_hours = serializers.ChoiceField(required=False, choices=["missing", "given"])


class _ViewQuery(QuerySerializer):
    """The viewpoint of a store's history."""

    as_of = InstantField(
        required=False, help_text="Later polls are ignored. Default: the newest poll of all."
    )
    max_gap = LengthField(
        required=False, help_text="Time further than this from the nearest poll is unknown."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields with ``from``, a reserved word in Python."""
        said = "The start of the interval; default: 7 days before its end."
        until = "The end of the interval; default and maximum: as of."
        return {
            "from": InstantField(required=False, help_text=said),
            "to": InstantField(required=False, help_text=until),
            **super().get_fields(),
        }


class TimelineQuery(_ViewQuery):
    """The interval of a timeline."""


class UptimeQuery(_ViewQuery):
    """The windows of the numbers."""

    windows = WindowsField(
        required=False,
        help_text="Instead of `from` and `to`: windows as in a report, separated by commas.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse windows together with an interval."""
        if "windows" in attrs and ("from" in attrs or "to" in attrs):
            raise serializers.ValidationError(
                {"windows": "Give either windows or from and to, not both."}, code=UNUSABLE
            )
        return attrs


class ExplainQuery(QuerySerializer):
    """The window to explain, and the report that it is part of."""

    window = WindowField(
        required=False, help_text="The window to explain: `24h`. Default: the report's last."
    )
    windows = WindowsField(
        required=False,
        help_text="All windows of the report, since the earliest decides from when on polls count."
        " Default: `1h,24h,7d`, or `window` alone if it is none of these.",
    )
    as_of = InstantField(
        required=False, help_text="Later polls are ignored. Default: the newest poll of all."
    )
    max_gap = LengthField(
        required=False, help_text="Time further than this from the nearest poll is unknown."
    )


def explained_window(query: dict[str, Any], as_of: datetime) -> tuple[Question, int]:
    """Return the report's question, and the place of the window to explain in it.

    Raises ValidationError if it is impossible.
    """
    usual = parse_windows(DEFAULT_WINDOWS)
    try:
        windows, place = windows_and_place(usual, query.get("windows"), query.get("window"))
    except ValueError as error:
        raise serializers.ValidationError({"window": str(error)}, code=UNUSABLE) from error
    return asked({**query, "windows": windows}, as_of), place


def asked(query: dict[str, Any], as_of: datetime) -> Question:
    """Return what a validated query asks for; ValidationError if it is impossible."""
    wanted = question(
        as_of=as_of,
        windows=query.get("windows") or (_stretch(query, as_of),),
        max_gap=query.get("max_gap"),
        full=True,
    )
    try:
        check_kept(wanted)
    except PollsGone as error:
        raise gone(query, error) from error
    except ValueError as error:
        raise serializers.ValidationError({"windows": str(error)}, code=UNUSABLE) from error
    return wanted


def gone(query: dict[str, Any], error: PollsGone) -> serializers.ValidationError:
    """Return the error for an interval whose polls were pruned."""
    field = "windows" if "windows" in query else "from"
    return serializers.ValidationError({field: str(error)}, code=UNUSABLE)


def _stretch(query: dict[str, Any], as_of: datetime) -> Window:
    end = min(query.get("to", as_of), as_of)
    start = query.get("from", end - USUAL)
    if start >= end:
        raise serializers.ValidationError(
            {"from": f"Must be before the end, {end:%Y-%m-%dT%H:%M:%S.%fZ}."}, code=UNUSABLE
        )
    if end - start > LONGEST:
        raise serializers.ValidationError(
            {"from": f"Ask for at most {LONGEST.days} days."}, code=UNUSABLE
        )
    return Window(name="stretch", start=to_microseconds(start), end=to_microseconds(end))
