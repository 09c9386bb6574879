"""The parameters of reports in admin forms: of one report, and of a schedule."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from backoffice.suggesting import Suggesting, TimeZoneInput
from fleet.models import Tag
from reports.models import Columns, PollerOutages, ReportKind
from uptime import DEFAULT_WINDOWS, parse_length

TAGS_OFFERED = 200
# The form field of a parameter that has another name or none; the three conditions on stores are
# one parameter.
FIELD_OF = {"stores": "store_ids", "target": "kind"}

KIND_LABELS = {
    ReportKind.UPTIME: "each store's uptime and downtime",
    ReportKind.ROLLUP: "sums of the fleet, each time zone and each tag",
    ReportKind.OUTAGES: "each outage of a store",
    ReportKind.TARGETS: "each store's targets, and whether they are met",
}


class TagInput(Suggesting):
    """Suggests tags; if there are very many, the first ones."""

    @staticmethod
    def suggestions() -> Any:
        return Tag.objects.values_list("name", flat=True)[:TAGS_OFFERED]


class ParameterForm(forms.ModelForm):  # type: ignore[type-arg]
    """Windows, kind, columns, longest gap and stores, each with a sensible default."""

    windows = forms.CharField(
        initial=", ".join(DEFAULT_WINDOWS),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text="Up to twelve, such as 90m, 24h, 30d; or in each store's own time zone: today,"
        " yesterday, this-week, last-week, this-month, last-month, 2024-03-10, 2024-W10, 2024-03.",
    )
    kind = forms.ChoiceField(
        label="Rows",
        required=False,
        choices=KIND_LABELS,
        initial=ReportKind.UPTIME,
        help_text="What the report has a row for.",
    )
    columns = forms.ChoiceField(
        choices=Columns.choices,
        initial=Columns.CLASSIC,
        help_text="Of each store's uptime: full adds unknown and open time, percentage, coverage,"
        " longest gap, bounds, margin and the last poll.",
    )
    max_gap = forms.CharField(
        required=False,
        help_text="Time further than this from any poll is unknown, such as 3h. Empty: no limit.",
    )
    poller_outages = forms.ChoiceField(
        label="Time in which nobody polled",
        required=False,
        choices=[
            (PollerOutages.FILL, "filled from the polls before and after"),
            (PollerOutages.UNKNOWN, "unknown"),
        ],
        initial=PollerOutages.FILL,
        help_text="What counts as such, is found in the polls (rules 18 and 19).",
    )
    tag = forms.CharField(required=False, widget=TagInput, help_text="Only stores with this tag.")
    store_zone = forms.CharField(
        label="Time zone",
        required=False,
        widget=TimeZoneInput,
        help_text="Only stores in this time zone.",
    )
    store_ids = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Only these stores, one id per line. If all three are empty: every store.",
    )

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or str(ReportKind.UPTIME)

    def clean_poller_outages(self) -> str:
        return self.cleaned_data["poller_outages"] or str(PollerOutages.FILL)

    def clean_windows(self) -> list[str]:
        """Return the texts of the windows."""
        text: str = self.cleaned_data["windows"]
        return text.replace(",", " ").split()

    def clean_max_gap(self) -> Any:
        """Return the length, None for no limit. Raises ValidationError."""
        text = self.cleaned_data["max_gap"].strip()
        try:
            return timedelta(microseconds=parse_length(text)) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_store_ids(self) -> list[str]:
        """Return the ids, one per line."""
        lines = (line.strip() for line in self.cleaned_data["store_ids"].splitlines())
        return [line for line in lines if line]

    def stores(self) -> dict[str, Any]:
        """Return the conditions on stores, None for each that is empty."""
        cleaned = self.cleaned_data
        return {
            "ids": cleaned["store_ids"] or None,
            "time_zone": cleaned["store_zone"].strip() or None,
            "tag": cleaned["tag"].strip() or None,
        }
