"""What django-allauth asks us: who may come in, under which name, and where refusals lead."""

import logging
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.db import transaction
from django.shortcuts import redirect, resolve_url
from django.urls import reverse

from access.single_sign_on.rights import give, groups_in
from api.senders import address

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin
    from django.contrib.auth.models import User
    from django.http import HttpRequest

logger = logging.getLogger(__name__)
# Why somebody was refused: a word for the address of the page to sign in, which explains it.
NO_GROUP, DISABLED, CANCELLED, FAILED = "no_group", "disabled", "cancelled", "failed"


def refuse(why: str) -> NoReturn:
    """Lead to the page to sign in. Raises ImmediateHttpResponse, which allauth answers with."""
    address_of_page = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'refused': why})}"
    raise ImmediateHttpResponse(redirect(address_of_page))


class Accounts(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types.
    """Accounts are made by signing in; allauth itself says nothing and sends nothing."""

    def get_login_redirect_url(self, request: "HttpRequest") -> str:  # noqa: ARG002
        """Return the board, as after a log-in by password."""
        return reverse("dashboard:board")

    def get_signup_redirect_url(self, request: "HttpRequest") -> str:
        """Return the same: that it made the account is nothing that somebody must know."""
        return self.get_login_redirect_url(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Leave it out: the page shows who is signed in."""


class ProviderAccounts(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """People of the provider; an account of ours is never taken over by an equal name or e-mail."""

    def pre_social_login(self, request: "HttpRequest", sociallogin: "SocialLogin") -> None:
        """Refuse whom the provider puts in none of our groups, and whom we have disabled.

        And everything that is not a log-in.
        """
        said, place = sociallogin.account.extra_data, address(request)
        process = sociallogin.state.get("process")
        if process != AuthProcess.LOGIN:
            # The library can also tie a provider's identity to the account that is signed in.
            # Anybody at an open session could then keep that account for good.
            logger.warning("single sign-on from %s was refused: asked for %r", place, process)
            refuse(FAILED)
        groups = groups_in(said)
        if not groups:
            logger.warning(
                "single sign-on of %r from %s was refused: in none of the groups in OIDC_GROUPS",
                sociallogin.account.uid,
                place,
            )
            refuse(NO_GROUP)
        user: User = sociallogin.user
        if sociallogin.is_existing:
            if not user.is_active:
                logger.warning(
                    "single sign-on of %s from %s was refused: the account is disabled",
                    user.get_username(),
                    place,
                )
                refuse(DISABLED)
            give(user, groups)

    def is_open_for_signup(self, request: "HttpRequest", sociallogin: "SocialLogin") -> bool:  # noqa: ARG002
        """Return True: who may not come in was refused before."""
        return True

    def is_auto_signup_allowed(self, request: "HttpRequest", sociallogin: "SocialLogin") -> bool:  # noqa: ARG002
        """Return True: nobody is asked for anything that the provider has not said."""
        return True

    def populate_user(
        self, request: "HttpRequest", sociallogin: "SocialLogin", data: dict[str, Any]
    ) -> "User":
        """Name a new account as the provider does, or else by e-mail or its own identifier."""
        name = data.get("username") or data.get("email") or sociallogin.account.uid
        user: User = super().populate_user(request, sociallogin, {**data, "username": name})
        return user

    def save_user(
        self, request: "HttpRequest", sociallogin: "SocialLogin", form: Any = None
    ) -> "User":
        """Store a new account with its groups; its password is one that nobody can have."""
        with transaction.atomic():
            user: User = super().save_user(request, sociallogin, form)
            give(user, groups_in(sociallogin.account.extra_data))
        return user

    def on_authentication_error(
        self,
        request: "HttpRequest",
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> None:
        """Log what went wrong, and lead to the page to sign in."""
        logger.warning(
            "single sign-on by %s from %s failed: %s",
            provider,
            address(request),
            exception or error,
        )
        refuse(CANCELLED if str(error) == "cancelled" else FAILED)
