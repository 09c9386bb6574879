"""The form by which people make and change schedules."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reports.parameters import max_gap_of, text_of_gap
from reports.uptime import DEFAULT_WINDOWS
from schedules.checks import check_schedule
from schedules.models import Schedule


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A schedule, with its lists as text."""

    windows = forms.CharField(
        initial=", ".join(DEFAULT_WINDOWS),
        help_text="Up to twelve, such as 24h, 7d, yesterday, last-week, last-month.",
    )
    max_gap = forms.CharField(
        required=False,
        help_text="Time further than this from any poll is unknown, such as 3h. Empty: no limit.",
    )
    recipients = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Addresses for e-mail, one a line; all of them see each other.",
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
            "columns",
            "max_gap",
            "stores",
            "recipients",
            "mail_as",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        schedule: Schedule | None = kwargs.get("instance")
        if schedule is not None:
            kwargs["initial"] = {
                "windows": ", ".join(schedule.windows),
                "max_gap": text_of_gap(schedule.max_gap) if schedule.max_gap else "",
                "recipients": "\n".join(schedule.recipients),
                **(kwargs.get("initial") or {}),
            }
        super().__init__(*args, **kwargs)

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

    def clean_recipients(self) -> list[str]:
        """Return the addresses."""
        lines = (line.strip() for line in self.cleaned_data["recipients"].splitlines())
        return [line for line in lines if line]

    def clean(self) -> dict[str, Any]:
        """Check the values together, as the API does. Raises ValidationError."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        return cleaned if self.errors else check_schedule(cleaned)
