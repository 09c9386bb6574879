"""Helpers for tests of admin pages: stores with polls, members of groups, text of a page."""

import re
from datetime import UTC, datetime

from django.apps import apps
from django.contrib.auth.models import Group

from access.groups import GROUPS, give_permissions
from fleet.models import Poll, Store

NEWEST = datetime(2023, 1, 25, 18, 13, 22, tzinfo=UTC)
STORES = "/admin/fleet/store/"


def polled(store_id: str, *instants: datetime, status: int = 1, **values) -> Store:
    """A store with these polls."""
    values = {"last_polled_at": max(instants), "last_status": status, **values}
    made = Store.objects.create(store_id=store_id, **values)
    Poll.objects.bulk_create(
        Poll(store=made, polled_at=instant, status=status) for instant in instants
    )
    return made


def member_of(group: str, users):
    """A staff user in one group.

    A test with real transactions empties every table at its end, including that of groups.
    """
    if not Group.objects.exists():
        Group.objects.bulk_create(Group(name=name) for name in GROUPS)
        for app in apps.get_app_configs():
            give_permissions(app)
    user = users.objects.create_user(group, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def text(response) -> str:
    """The words of a page."""
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def listed(response) -> list[str]:
    """The store ids in the list, in order."""
    assert response.status_code == 200
    return re.findall(r"field-store_id[^>]*><a[^>]*>([^<]*)", response.content.decode())


def messages(response) -> list[str]:
    """The messages at the top of the page."""
    return [str(message) for message in response.context["messages"]]
