"""What a request about a webhook can be answered with, apart from success."""

from api.problems import Problem


class DeliveryInProgress(Problem):
    """A worker is sending the message just now."""

    status_code = 409
    default_code = "delivery_in_progress"
    default_detail = "A worker is sending this message just now. Look again in a minute."
