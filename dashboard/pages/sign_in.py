"""Signing in and out, by the users, groups and limits that the API and the admin have."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import reverse

from access.lockout.guard import login_refused, waiting
from access.permissions import granted
from access.scopes import READ, allowed_by
from dashboard.pages.page import rights

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


# Why the provider's people were refused, by the word in the address.
REFUSED = {
    "no_group": "Your account has no access here. An administrator of your provider can add you"
    " to a group that has.",
    "disabled": "Your account is disabled here. An administrator can enable it.",
    "cancelled": "Signing in was cancelled.",
    "failed": "Signing in failed. Try again; the server's log says why.",
    "too_often": "Too many attempts. Try again in a minute.",
    "unreachable": "Your provider does not answer. Try again later.",
}


class SignInPage(LoginView):
    """The form of name and password; it leads back to the page that asked for it."""

    template_name = "dashboard/sign_in.html"
    next_page = "dashboard:board"

    def post(self, request: "HttpRequest", *args: Any, **kwargs: Any) -> "HttpResponse":
        """Sign in, or show the form again; 429 after too many attempts."""
        seconds = login_refused(request, request.POST.get("username", ""))
        if not seconds:
            return super().post(request, *args, **kwargs)
        # Unbound, so that the password is not looked at.
        form = self.get_form_class()(request)
        context = self.get_context_data(form=form, wait=waiting(seconds))
        headers = {"Retry-After": str(seconds)}
        return self.render_to_response(context, status=429, headers=headers)

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        """Return where to go after signing in; "" unless it is another page of this server."""
        address: str = super().get_redirect_url(*args, **kwargs)
        return "" if address.partition("?")[0] == self.request.path else address

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what visitors may do without signing in."""
        everybody = allowed_by(settings.ANONYMOUS_SCOPES)
        told = {
            "may": rights(self.request),
            "anyway": dict.fromkeys(everybody, True),
            "refused": REFUSED.get(self.request.GET.get("refused", "")),
            "provider": _provider(),
        }
        return super().get_context_data(**{**told, **kwargs})


def _provider() -> dict[str, str] | None:
    """Return the name of the OpenID Connect provider, and where to sign in by it."""
    if not settings.OIDC_PROVIDER:
        return None
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return {"name": app["name"], "path": reverse("openid_connect_login", args=[app["provider_id"]])}


class SignOutPage(LogoutView):
    """Signs out, and leads to a page that can be seen afterwards."""

    def get_default_redirect_url(self) -> str:
        """Return the board where everybody may see it, else the form to sign in."""
        may_read = READ in granted(self.request)
        return reverse("dashboard:board" if may_read else "dashboard:sign-in")
