"""The admin form that requests a report."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fleet.extent import newest_poll
from reports.backoffice.parameter_form import FIELD_OF, ParameterForm
from reports.models import Report
from reports.request.kept import check_as_of
from reports.request.parameters import parameters
from reports.request.selections import check_known
from reports.request.unusable import UnusableParameter


class RequestForm(ParameterForm):
    """The parameters of a report, each with a sensible default."""

    as_of = forms.DateTimeField(
        label="As of (UTC)",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        ),
        help_text="Later polls are ignored. Empty: the newest poll.",
    )

    class Meta:
        model = Report
        fields: list[str] = []

    def clean(self) -> dict[str, Any]:
        """Check the parameters together, like the API. Raises ValidationError."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        as_of = cleaned["as_of"] or newest_poll()
        if as_of is None:
            raise ValidationError("There are no polls yet. Ingest some, or give an as of.")
        try:
            wanted = parameters(**self.wanted()).with_targets()
            check_as_of(wanted, as_of)
            check_known(wanted.stores)
        except UnusableParameter as error:
            self.add_error(FIELD_OF.get(error.field, error.field), str(error))
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """Return the parameters as ``start_report`` takes them."""
        cleaned = self.cleaned_data
        named = ("as_of", "windows", "kind", "columns", "max_gap", "poller_outages")
        return {**{name: cleaned[name] for name in named}, "stores": self.stores()}
