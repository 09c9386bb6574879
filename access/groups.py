"""The groups of users: viewer, operator, admin.

A migration creates the groups. Each ``migrate`` gives them their permissions, so that later models
are covered. Permissions added by hand stay, and so do other groups. Only superusers manage
accounts: a user who may edit accounts could become a superuser.
"""

from typing import TYPE_CHECKING, Any

from access.scopes import INGEST, READ

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.apps import AppConfig
    from django.contrib.auth.models import Permission

VIEWER, OPERATOR, ADMINISTRATOR = "viewer", "operator", "admin"
GROUPS = (VIEWER, OPERATOR, ADMINISTRATOR)
_OPERATORS = {"add_report", "change_report", "add_ingestion", f"scope_{INGEST}"}
# The API needs the scope ``admin`` to show these: token owners, e-mail addresses, receivers.
_FOR_ADMINISTRATORS = {
    "view_token",
    "view_auditentry",
    "view_loginfailures",
    "view_webhook",
    "view_delivery",
    "view_schedule",
    "view_scheduledrun",
}


def give_permissions(app_config: "AppConfig", *, using: str = "default", **_: Any) -> None:
    """Give the groups the permissions on one app's models. Receives ``post_migrate``."""
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 - needs the apps

    if app_config.name.startswith("django.contrib."):
        return
    groups = Group.objects.using(using).filter(name__in=GROUPS)
    by_name = {group.name: group for group in groups}
    if not by_name:
        return
    permissions = Permission.objects.using(using).filter(content_type__app_label=app_config.label)
    for name, theirs in _shared_out(permissions).items():
        if name in by_name:
            by_name[name].permissions.add(*theirs)


def _shared_out(permissions: "Iterable[Permission]") -> "dict[str, list[Permission]]":
    every = list(permissions)
    views = [one for one in every if _is_for_viewers(one.codename)]
    operators = [one for one in every if one.codename in _OPERATORS]
    return {VIEWER: views, OPERATOR: [*views, *operators], ADMINISTRATOR: every}


def _is_for_viewers(codename: str) -> bool:
    views = codename.startswith("view_") and codename not in _FOR_ADMINISTRATORS
    return views or codename == f"scope_{READ}"
