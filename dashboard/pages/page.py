"""What all pages have in common: who may see them, and what their frame shows."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.generic import TemplateView

from access.permissions import granted
from access.scopes import ADMIN, INGEST, READ
from dashboard.poller_outages import going_on
from dashboard.snapshots.reading import Snapshot, current_snapshot
from jobs import clock

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


# It adds bytes at random, so that the length says nothing of a secret in the page.
@method_decorator(gzip_page, name="dispatch")
class Page(TemplateView):
    """A page whose visitors need a scope, by default ``read``.

    ``section``: the entry of the menu that it belongs to. ``part``: a template that is sent instead
    of the whole page when htmx asks for it.
    """

    scope = READ
    section = ""
    part = ""

    def dispatch(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> "HttpResponseBase":
        """Send people without the scope to the sign-in page, or tell them that they lack it."""
        response = refusal(request, self.needed(request)) or super().dispatch(
            request, *args, **kwargs
        )
        # A page and its part have one address, and "back" must not show the part alone.
        patch_vary_headers(response, ["HX-Request"])
        return response

    def needed(self, request: "HttpRequest") -> str:  # noqa: ARG002 - some pages look
        """Return the scope that this request needs."""
        return self.scope

    def get_template_names(self) -> list[str]:
        return (
            [self.part] if self.part and is_partial(self.request) else super().get_template_names()
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``section``, ``may`` (a flag for each scope) and ``partial``."""
        shared = {
            "section": self.section,
            "may": rights(self.request),
            "partial": is_partial(self.request),
        }
        return super().get_context_data(**{**shared, **kwargs})


class SnapshotPage(Page):
    """A page about all stores: ``self.snapshot`` is the newest one, None if there is none yet."""

    snapshot: Snapshot | None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``snapshot``, the ``age`` of its newest poll, and whether it ``is_stale``."""
        self.snapshot = current_snapshot()
        shown: dict[str, Any] = {"snapshot": self.snapshot}
        if self.snapshot is not None:
            age = max((clock.now() - self.snapshot.as_of) // timedelta(microseconds=1), 0)
            shown |= {"age": age, "is_stale": age > self.snapshot.head.near}
            shown["going_on"] = going_on(self.snapshot, clock.now())
        return super().get_context_data(**{**shown, **kwargs})


def rights(request: "HttpRequest") -> dict[str, bool]:
    """Return which scopes the visitor has."""
    scopes = granted(request)
    return {scope: scope in scopes for scope in (READ, INGEST, ADMIN)}


def refusal(request: "HttpRequest", scope: str) -> HttpResponse | None:
    """Return the answer to a visitor without the scope; None if nothing is missing."""
    if scope in granted(request):
        return None
    if request.user.is_authenticated:
        return render(request, "dashboard/forbidden.html", {"scope": scope}, status=403)
    target = f"{reverse('dashboard:sign-in')}?{urlencode({'next': request.get_full_path()})}"
    if is_partial(request):
        return HttpResponse(status=403, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def is_partial(request: "HttpRequest") -> bool:
    """Tell whether htmx asks for a part of a page, to put it into the one that is open."""
    is_boosted = "HX-Boosted" in request.headers
    return request.headers.get("HX-Request") == "true" and not is_boosted
