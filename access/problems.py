"""How a request is answered that may not do what it asks for."""

from rest_framework import exceptions

from api.problems import Problem


class NotAuthenticated(Problem, exceptions.NotAuthenticated):
    """The request needs a token or a log-in and has none."""

    default_code = "not_authenticated"
    default_detail = "Send a token (Authorization: Bearer sm_...), or log in."


class InvalidToken(Problem, exceptions.AuthenticationFailed):
    """The token is not known, has expired, or was revoked; which of them, the log says."""

    default_code = "invalid_token"
    default_detail = "The token is not valid, or not any more."


class MissingScope(Problem):
    """The sender is known and lacks a scope, which ``scope`` names."""

    status_code = 403
    default_code = "permission_denied"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This needs the scope {scope}.",
            extra={"scope": scope},
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
        )


class TooManyRequests(Problem):
    """The sender asked more often than the limit allows; ``Retry-After`` says for how long."""

    status_code = 429
    default_code = "throttled"

    def __init__(self, seconds: int) -> None:
        detail = f"Too many requests; ask again in {seconds} s."
        super().__init__(detail, headers={"Retry-After": str(seconds)})
