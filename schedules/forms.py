"""The admin form of schedules."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reports.backoffice.parameter_form import FIELD_OF, ParameterForm
from reports.request.parameters import text_of_gap
from schedules.checks import check_schedule
from schedules.models import Schedule


class ScheduleForm(ParameterForm):
    """The time, the recipients, and the content of the reports, which is as for a single report."""

    recipients = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="E-mail addresses, one per line; recipients see each other's addresses.",
    )

    class Meta:
        model = Schedule
        fields = [
            "name",
            "active",
            "cadence",
            "minute",
            "hour",
            "weekday",
            "day",
            "time_zone",
            "windows",
            "kind",
            "columns",
            "max_gap",
            "poller_outages",
            "recipients",
            "mail_as",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        schedule: Schedule | None = kwargs.get("instance")
        if schedule is not None:
            kwargs["initial"] = {**_as_text(schedule), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean_recipients(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["recipients"].splitlines())
        return [line for line in lines if line]

    def clean(self) -> dict[str, Any]:
        """Check the values together, as the API does."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            checked = check_schedule({**cleaned, "stores": self.stores()})
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(FIELD_OF.get(name, name), messages)
            return cleaned
        # Three form fields make one model field, which Django cannot do.
        self.instance.stores = checked["stores"]
        return checked


def _as_text(schedule: Schedule) -> dict[str, str]:
    """Return the contents of the text inputs, by name."""
    stores = schedule.stores or {}
    return {
        "windows": ", ".join(schedule.windows),
        "max_gap": text_of_gap(schedule.max_gap) if schedule.max_gap else "",
        "tag": stores.get("tag", ""),
        "store_zone": stores.get("time_zone", ""),
        "store_ids": "\n".join(stores.get("ids", [])),
        "recipients": "\n".join(schedule.recipients),
    }
