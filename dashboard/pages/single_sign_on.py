"""Signing in by the provider in OIDC_ISSUER: on the way there, and on the way back."""

import logging
from typing import TYPE_CHECKING, Any

from allauth.socialaccount.providers.openid_connect.views import callback, login
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from requests import RequestException

from access.lockout.guard import provider_refused

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger(__name__)


@method_decorator(never_cache, name="dispatch")
class LeaveForProvider(View):
    """Leads to the provider."""

    def get(self, request: "HttpRequest", provider_id: str) -> HttpResponse:  # noqa: ARG002
        """Lead to the page to sign in: a link elsewhere must not start it."""
        return redirect(resolve_url(settings.LOGIN_URL))

    def post(self, request: "HttpRequest", provider_id: str) -> HttpResponse:
        """Answer with a page that goes on by itself.

        A redirect would be part of the form, and the Content-Security-Policy lets forms lead only
        to this server.
        """
        if provider_refused(request):
            return _refused("too_often")
        leads_to = _asked(login, request, provider_id)
        if not leads_to.headers.get("Location", "").startswith(("http:", "https:")):
            return leads_to
        return render(request, "dashboard/leaving.html", {"to": leads_to.headers["Location"]})


@method_decorator(never_cache, name="dispatch")
class ReturnFromProvider(View):
    """Where the provider sends people back to, with a code that is exchanged for who they are."""

    def get(self, request: "HttpRequest", provider_id: str) -> HttpResponse:
        return _asked(callback, request, provider_id)


def _asked(view: Any, request: "HttpRequest", provider_id: str) -> HttpResponse:
    """Return what a view of django-allauth answers; it asks the provider, which may fail."""
    try:
        answer: HttpResponse = view(request, provider_id=provider_id)
    except RequestException as error:
        logger.error("the provider in OIDC_ISSUER does not answer: %s", error)  # noqa: TRY400 - the error says it all
        return _refused("unreachable")
    except (ImproperlyConfigured, KeyError, ValueError):
        # Such as no claim "sub": the library looks for what the standard demands without asking.
        logger.exception("the provider in OIDC_ISSUER does not say what it must")
        return _refused("failed")
    return answer


def _refused(why: str) -> HttpResponse:
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?refused={why}")
