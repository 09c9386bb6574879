"""Errors as RFC 9457 problem details with stable codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.errors.problems import Problem

MEDIA_TYPE = "application/problem+json"
# The type of each problem is its place on this page, which explains it.
PAGE = "/docs/errors"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of problem: its status, its stable code, and what it means."""

    status: int
    code: str
    title: str
    means: str


_OF_FRAMEWORK = (
    (400, "invalid", "Invalid request", "A field or a parameter is unknown or has the wrong form"),
    (400, "parse_error", "Unreadable request", "The body does not match its media type"),
    (404, "not_found", "Not found", "Nothing has this name or address"),
    (405, "method_not_allowed", "Method not allowed", "The address does not support this method"),
    (406, "not_acceptable", "Not acceptable", "The address cannot answer in the requested format"),
    (415, "unsupported_media_type", "Unsupported media type", "This media type is not accepted"),
    (500, "error", "Internal error", "An internal error; the server's log has the details"),
)


def kinds() -> list[Kind]:
    """Return every kind of problem, sorted by status and code."""
    of_framework = [
        Kind(status=status, code=code, title=title, means=f"{means}.")
        for status, code, title, means in _OF_FRAMEWORK
    ]
    ours = [_kind(problem) for problem in _subclasses(Problem)]
    return sorted([*of_framework, *ours], key=lambda kind: (kind.status, kind.code))


def problem_details(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """Return the members of a problem; ``extra`` follows the common ones."""
    return {
        "type": f"{PAGE}#{code}",
        "title": title_of(code),
        "status": status,
        "detail": detail,
        "code": code,
        **extra,
    }


def title_of(code: str) -> str:
    """Return the title of a code, a few words."""
    titles = {code: title for _, code, title, _ in _OF_FRAMEWORK}
    return titles.get(code) or code.replace("_", " ").capitalize()


def _kind(problem: type[Problem]) -> Kind:
    code = problem.default_code
    means = (problem.__doc__ or "").partition("\n")[0].replace("``", "")
    return Kind(status=problem.status_code, code=code, title=title_of(code), means=means)


def _subclasses(problem: type[Problem]) -> Iterator[type[Problem]]:
    for one in problem.__subclasses__():
        yield one
        yield from _subclasses(one)
