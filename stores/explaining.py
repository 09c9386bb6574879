"""Why the numbers of one store are what they are, from its rows in the database."""

from fleet.models import Store
from reports.request.kept import check_there
from stores.history import TooManyPolls, fleet_of
from uptime import Question
from uptime.explain.explaining import NEIGHBOURS, explain
from uptime.explain.explanation import Explanation


def explanation_of(
    store: Store, question: Question, *, most_polls: int | None = None
) -> Explanation:
    """Return the explanation of one store in every window of the question.

    It lists the polls that may count, and those of the day before and after them. Raises ``Gone``,
    ``PollsGone``, ``TooManyPolls`` for more than ``most_polls``, and ``ValueError`` for invalid
    windows.
    """
    fleet = fleet_of(store, start=question.first_poll - NEIGHBOURS, end=question.as_of + NEIGHBOURS)
    check_there(question.first_poll)
    if most_polls is not None and len(fleet.polls.at) > most_polls:
        raise TooManyPolls
    return explain(fleet, question)
