"""Every call that the API has, from the addresses themselves."""

from dataclasses import dataclass

from django.urls import get_resolver
from rest_framework.permissions import SAFE_METHODS

from access.permissions import HasScope

NOT_THE_API = ("admin/",)


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    path: str
    method: str
    view: type
    action: str | None

    @property
    def usual(self):
        """Return the scope of a call whose view says nothing."""
        return "read" if self.method in SAFE_METHODS else "admin"

    @property
    def scope(self):
        """Return the scope it needs; None if it is open."""
        if HasScope not in self.view.permission_classes:
            return None
        return getattr(self.view, "scopes", {}).get(self.action, self.usual)


def routes():
    """Return every call once; an address and its twin without the slash are one."""
    found = {}
    for pattern in patterns(get_resolver().url_patterns):
        for route in _methods(pattern):
            found[route.path, route.method] = route
    return [found[key] for key in sorted(found)]


def patterns(given, prefix=""):
    """Yield path and view of every address but the admin's."""
    for one in given:
        path = prefix + str(one.pattern)
        if path.startswith(NOT_THE_API):
            continue
        if hasattr(one, "url_patterns"):
            yield from patterns(one.url_patterns, path)
        else:
            yield path, one.callback


def _methods(pattern):
    path, callback = pattern
    view = getattr(callback, "cls", None)
    if view is None:
        return
    actions = getattr(callback, "actions", None)
    if actions is None:
        actions = {name: name for name in view.http_method_names if hasattr(view, name)}
    for method, action in actions.items():
        if method not in {"head", "options"}:
            yield Route(f"/{path.rstrip('/')}", method.upper(), view, action)
