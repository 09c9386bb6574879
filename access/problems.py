"""Errors for requests that are not allowed."""

from rest_framework import exceptions

from api.errors.problems import Problem


class NotAuthenticated(Problem, exceptions.NotAuthenticated):
    """The request needs a token or a log-in."""

    default_code = "not_authenticated"
    default_detail = "Send a token (Authorization: Bearer sm_...), or log in."


class InvalidToken(Problem, exceptions.AuthenticationFailed):
    """The token is unknown, expired or revoked; the log says which."""

    default_code = "invalid_token"
    default_detail = "The token is not valid."


class MissingScope(Problem):
    """The sender lacks the scope named in ``scope``."""

    status_code = 403
    default_code = "permission_denied"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This needs the scope {scope}.",
            extra={"scope": scope},
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
        )


class TooManyRequests(Problem):
    """The sender exceeded its rate limit; ``Retry-After`` says how long to wait."""

    status_code = 429
    default_code = "throttled"

    def __init__(self, seconds: int) -> None:
        detail = f"Too many requests; try again in {seconds} s."
        super().__init__(detail, headers={"Retry-After": str(seconds)})
