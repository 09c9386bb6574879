"""The groups of people."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from access.groups import GROUPS, give_permissions


@pytest.fixture
def groups(db):
    """The groups with their permissions; an earlier test may have emptied them."""
    for name in GROUPS:
        Group.objects.get_or_create(name=name)
    for app_config in apps.get_app_configs():
        give_permissions(app_config)
