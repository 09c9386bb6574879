"""Which of our groups somebody gets from what the provider says."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import Group

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def groups_in(claims: Mapping[str, Any]) -> list[str]:
    """Return the names of our groups that a person's claims lead to.

    ``claims``: what the provider says, as ``id_token`` and ``userinfo``, each a mapping or None.
    """
    theirs = {name for part in ("id_token", "userinfo") for name in _named(claims.get(part))}
    return sorted({ours for named, ours in settings.OIDC_GROUPS.items() if named in theirs})


def _named(part: Any) -> Iterator[str]:
    """Yield the groups in one part; a provider may send one name instead of a list."""
    value = part.get(settings.OIDC_GROUPS_CLAIM) if isinstance(part, Mapping) else None
    every = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return (name for name in every if isinstance(name, str))


def give(user: "User", names: list[str]) -> None:
    """Give a person these groups and no others; the provider decides, at each log-in.

    Whether somebody is a superuser or disabled is decided here and not by the provider.
    """
    if {group.name for group in user.groups.all()} != set(names):
        user.groups.set(Group.objects.filter(name__in=names))
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
