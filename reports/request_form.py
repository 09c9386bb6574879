"""The form by which people request a report."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ingestion.models import Tag
from ingestion.suggesting import Suggesting, TimeZoneInput
from reports.models import Columns, Report
from reports.parameters import max_gap_of, parameters
from reports.requesting import newest_poll
from reports.selections import check_known
from reports.unusable import UnusableParameter
from reports.uptime import DEFAULT_WINDOWS

TAGS_OFFERED = 200
# Where each parameter of a report stands in the form; conditions on stores stand in three fields.
_FIELDS = {"stores": "store_ids"}


class TagInput(Suggesting):
    """Suggests tags; of very many, the first."""

    @staticmethod
    def suggestions() -> Any:
        """Return the names of tags."""
        return Tag.objects.values_list("name", flat=True)[:TAGS_OFFERED]


class RequestForm(forms.ModelForm):  # type: ignore[type-arg]
    """The parameters of a report, each with a default that is right most of the time."""

    as_of = forms.DateTimeField(
        label="As of (UTC)",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        ),
        help_text="Polls later than this do not exist for the report. Empty: the newest poll.",
    )
    windows = forms.CharField(
        initial=", ".join(DEFAULT_WINDOWS),
        help_text="Up to twelve, such as 90m, 24h, 30d; or in each store's own time zone: today,"
        " yesterday, this-week, last-week, this-month, last-month, 2024-03-10, 2024-W10, 2024-03.",
    )
    columns = forms.ChoiceField(
        choices=Columns.choices,
        initial=Columns.CLASSIC,
        help_text="Full adds unknown and open time, percentage, coverage, longest gap, bounds,"
        " margin and the last poll.",
    )
    max_gap = forms.CharField(
        required=False,
        help_text="Time farther than this from any poll is unknown, such as 3h. Empty: no limit.",
    )
    tag = forms.CharField(required=False, widget=TagInput, help_text="Only stores with this tag.")
    time_zone = forms.CharField(
        required=False, widget=TimeZoneInput, help_text="Only stores in this zone."
    )
    store_ids = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Only these stores, one id a line. All three left empty: every store.",
    )

    class Meta:
        model = Report
        fields: list[str] = []

    def clean_windows(self) -> list[str]:
        """Return the texts of the windows."""
        text: str = self.cleaned_data["windows"]
        return text.replace(",", " ").split()

    def clean_max_gap(self) -> Any:
        """Return the length, None for no limit. Raises ValidationError."""
        text = self.cleaned_data["max_gap"].strip()
        try:
            return max_gap_of(text) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_store_ids(self) -> list[str]:
        """Return the ids, one a line."""
        lines = (line.strip() for line in self.cleaned_data["store_ids"].splitlines())
        return [line for line in lines if line]

    def clean(self) -> dict[str, Any]:
        """Check the parameters together, as the API would. Raises ValidationError."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        as_of = cleaned["as_of"] or newest_poll()
        if as_of is None:
            raise ValidationError("There are no polls yet. Ingest some, or say as of when.")
        try:
            wanted = parameters(**self.wanted())
            wanted.check_as_of(as_of)
            check_known(wanted.stores)
        except UnusableParameter as error:
            self.add_error(_FIELDS.get(error.field, error.field), str(error))
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """Return the parameters as ``start_report`` takes them."""
        cleaned = self.cleaned_data
        stores = {
            "ids": cleaned["store_ids"] or None,
            "time_zone": cleaned["time_zone"].strip() or None,
            "tag": cleaned["tag"].strip() or None,
        }
        named = ("as_of", "windows", "columns", "max_gap")
        return {**{name: cleaned[name] for name in named}, "stores": stores}
