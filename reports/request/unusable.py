"""Errors in the parameters of a report."""


class UnusableParameter(ValueError):
    """A parameter that cannot be used: ``field`` names it, the text says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class KeyReused(Exception):
    """The idempotency key was used with another request."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The idempotency key {key!r} was used with another request; choose a new key."
        )
