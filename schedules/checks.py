"""Checks that the values of a schedule fit together, for the API and the admin."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model

from reports.request.kept import check_ever_kept
from reports.request.parameters import parameters
from reports.request.selections import check_known
from reports.request.unusable import UnusableParameter
from schedules import mails, planning
from schedules.models import MAX_RECIPIENTS, Schedule, validate_one_line

# The fields of each cadence, and their bounds.
_BELONGS = {
    "hour": ({"daily", "weekly", "monthly"}, 0, 23),
    "weekday": ({"weekly"}, 0, 6),
    "day": ({"monthly"}, 1, 31),
}


def check_schedule(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a whole schedule, the report's in canonical form.

    Raises ValidationError, which names the field of each fault.
    """
    faults = {**_faults_of_time(values), **_faults_of_mail(values)}
    try:
        validate_one_line(values["name"])
    except ValidationError as error:
        faults["name"] = error.messages[0]
    try:
        wanted = _wanted(values)
    except UnusableParameter as error:
        faults[error.field] = str(error)
    if faults:
        raise ValidationError(faults)
    return {**values, **wanted}


def _wanted(values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("windows", "kind", "columns", "max_gap", "stores", "poller_outages")
    wanted = parameters(**{name: values[name] for name in names if values.get(name) is not None})
    check_known(wanted.stores)
    # A schedule can be switched off even if there is no target any more.
    if values.get("active", True) or not wanted.windows:
        wanted = wanted.with_targets()
        check_ever_kept(wanted)
    return {
        "windows": list(wanted.windows),
        "kind": wanted.kind,
        "columns": wanted.columns,
        "max_gap": wanted.max_gap,
        "stores": wanted.stores,
        "poller_outages": wanted.poller_outages,
    }


def _faults_of_time(values: Mapping[str, Any]) -> dict[str, str]:
    faults = {}
    zone = str(values["time_zone"]) if values.get("time_zone") else "UTC"
    # A schedule can be switched off even if its zone no longer exists.
    if values.get("active", True) and not planning.is_zone_known(zone):
        faults["time_zone"] = planning.unknown_zone(zone)
    for name, (cadences, least, most) in _BELONGS.items():
        value, cadence = values.get(name), values["cadence"]
        if cadence not in cadences and value is not None:
            faults[name] = f"Does not apply to a schedule that is {cadence}."
        if cadence in cadences and (value is None or not least <= value <= most):
            faults[name] = f"Must be from {least} to {most} in a schedule that is {cadence}."
    return faults


def _faults_of_mail(values: Mapping[str, Any]) -> dict[str, str]:
    recipients = values.get("recipients") or []
    if len(recipients) > MAX_RECIPIENTS:
        return {"recipients": f"Give at most {MAX_RECIPIENTS}."}
    for recipient in recipients:
        try:
            validate_email(recipient)
        except ValidationError:
            return {"recipients": f"{recipient!r} is not an e-mail address."}
    if recipients and not mails.can_send():
        return {"recipients": mails.UNSET}
    if values.get("mail_when_fine") and values.get("mail_as") != Schedule.MailAs.DIGEST:
        return {"mail_when_fine": "Only a digest can be sent when nothing is bad."}
    return {}


def values_of(schedule: Model, names: list[str]) -> dict[str, Any]:
    """Return the current values of a schedule's fields, by name."""
    return {name: getattr(schedule, name) for name in names}
