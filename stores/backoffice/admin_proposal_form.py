"""The admin's forms that propose public holidays and take those that were ticked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from fleet.special_days.editing import Times
from fleet.special_days.models import FIRST_DATE, LAST_DATE
from fleet.special_days.proposals import (
    COUNTRY_PATTERN,
    REGION_PATTERN,
    Proposal,
    UnknownPlace,
    proposals,
)
from stores.backoffice.admin_form import WallTimeInput
from stores.backoffice.admin_special_day_form import ScopeField


class ProposalForm(forms.Form):
    """Whose holidays, and for which scope; ``proposed`` are the holidays once it is valid."""

    country = forms.RegexField(
        f"^{COUNTRY_PATTERN}$",
        help_text="Two letters of ISO 3166-1, such as US.",
        error_messages={"invalid": "Write two capital letters, such as US."},
    )
    region = forms.RegexField(
        f"^{REGION_PATTERN}$",
        required=False,
        help_text="Such as TX. Empty: only holidays of the whole country.",
    )
    year = forms.IntegerField(min_value=FIRST_DATE.year, max_value=LAST_DATE.year)
    scope = ScopeField(label="For")

    proposed: list[Proposal]

    def clean(self) -> dict[str, Any]:
        """Find the holidays."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.proposed = []
        if not self.errors:
            try:
                self.proposed = proposals(cleaned["country"], cleaned["region"], cleaned["year"])
            except UnknownPlace as error:
                self.add_error(error.field, str(error))
        return cleaned


class AcceptForm(ProposalForm):
    """The ticked holidays, and the hours of all of them."""

    opens = forms.TimeField(required=False, widget=WallTimeInput)
    closes = forms.TimeField(required=False, widget=WallTimeInput)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.ticked = set(data.getlist("dates"))

    def clean(self) -> dict[str, Any]:
        """Check the hours, and that a box was ticked."""
        cleaned = super().clean()
        if (cleaned.get("opens") is None) != (cleaned.get("closes") is None):
            raise ValidationError("Give both times, or neither for closed days.")
        if not self.errors and not self.days:
            raise ValidationError("Tick at least one holiday.")
        return cleaned

    @property
    def days(self) -> list[Times]:
        """The special days to add."""
        said = self.cleaned_data
        return [
            Times(one.date, said["opens"], said["closes"], one.reason)
            for one in self.proposed
            if one.date.isoformat() in self.ticked
        ]
