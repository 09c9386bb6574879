"""Errors of requests about webhooks."""

from api.errors.problems import Problem


class DeliveryInProgress(Problem):
    """A worker is sending the message right now."""

    status_code = 409
    default_code = "delivery_in_progress"
    default_detail = "A worker is sending this message right now. Try again in a minute."
