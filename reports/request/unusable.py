"""What a report cannot be asked for."""


class UnusableParameter(ValueError):
    """A parameter that says nothing usable: ``field`` names it, the text says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class KeyReused(Exception):
    """The idempotency key is known, and came with another request."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The idempotency key {key!r} came with another request before; choose a new key."
        )
