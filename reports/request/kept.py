"""Whether the needed polls are stored: pruned polls must not count as unknown time."""

from datetime import datetime

from django.conf import settings

from api.errors.reasons import ForReaders
from fleet.extent import pruned_before
from jobs import clock
from reports.request.parameters import Parameters, text_of_gap
from reports.request.unusable import UnusableParameter
from uptime import Question
from uptime.instants import from_microseconds


class PollsGone(ForReaders, ValueError):
    """Polls that the numbers would need were pruned; the text says which."""


def check_as_of(wanted: Parameters, as_of: datetime) -> None:
    """Raise UnusableParameter for windows that are invalid as of this instant."""
    try:
        check_kept(wanted.question(as_of))
    except ValueError as error:
        raise UnusableParameter("windows", str(error)) from error


def check_ever_kept(wanted: Parameters) -> None:
    """Raise UnusableParameter for windows that ``PRUNE_KEEP`` makes impossible."""
    try:
        _check_keep(wanted.question(clock.now()).first_poll)
    except ValueError as error:
        raise UnusableParameter("windows", str(error)) from error


def check_kept(question: Question) -> None:
    """Raise PollsGone if polls that count are older than the stored ones.

    Raises ValueError as ``earliest_start`` does.
    """
    _check_keep(question.first_poll)
    check_there(question.first_poll)


def check_there(earliest: int) -> None:
    """Raise PollsGone unless all polls from ``earliest`` on, in microseconds, are stored.

    Call it after reading them: a prune that started meanwhile has recorded it by then.
    """
    before = pruned_before()
    if before and from_microseconds(earliest) < before:
        raise PollsGone(f"Polls from before {_text(before)} were pruned; {_begins(earliest)}")


def _check_keep(earliest: int) -> None:
    """Also refuse what is to be removed today: the answer must not depend on the hour."""
    keep = settings.PRUNE_KEEP
    if keep and from_microseconds(earliest) < clock.now() - keep:
        raise PollsGone(f"Polls are kept for {text_of_gap(keep)} (PRUNE_KEEP); {_begins(earliest)}")


def _begins(earliest: int) -> str:
    look_back = text_of_gap(settings.UPTIME_LOOK_BACK)
    begins = _text(from_microseconds(earliest))
    return f"the earliest window begins, with the look-back of {look_back}, at {begins}."


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
