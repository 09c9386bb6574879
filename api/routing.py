"""Addresses that work with and without a trailing slash.

Django would redirect, and a redirected POST loses its body.
"""

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import path, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern


def either(route: str, view: "Callable[..., HttpResponseBase]", name: str) -> "list[URLPattern]":
    """Return ``route`` under its name, and an unnamed twin with or without the slash."""
    twin = route[:-1] if route.endswith("/") else f"{route}/"
    return [path(route, view, name=name), path(twin, view)]


def leads_to_page(request: "HttpRequest") -> bool:
    """Tell whether the address is that of a page of the dashboard, not of the API or the admin."""
    try:
        return resolve(request.path_info).app_name == "dashboard"
    except Http404:
        return False


def without_twins(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Keep one address of each pair for the schema: REST paths end in a slash, others do not.

    A preprocessing hook of drf-spectacular; the first item of an endpoint is its path.
    """
    return [one for one in endpoints if one[0].endswith("/") == _ends_in_slash(one[0])]


def _ends_in_slash(address: str) -> bool:
    """Files, whose paths have a suffix, are REST paths too and end in the suffix."""
    return address.startswith("/api/") and "." not in address
