"""What groups of people may do, as migrations leave it."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from access.groups import GROUPS, give_permissions

pytestmark = pytest.mark.django_db


def codenames(group):
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


def test_its_groups_have_the_permissions_of_every_model(groups):
    assert "view_report" in codenames("viewer") & codenames("operator") & codenames("admin")
    assert not any(name.startswith(("add_", "change_", "delete_")) for name in codenames("viewer"))
    assert "view_token" not in codenames("operator")
    assert {"add_report", "add_ingestion", "scope_ingest"} <= codenames("operator")
    assert not any(name.startswith("delete_") for name in codenames("operator"))
    ours = Permission.objects.exclude(
        content_type__app_label__in=["admin", "auth", "contenttypes", "sessions"]
    )
    assert codenames("admin") == set(ours.values_list("codename", flat=True))


def test_nobody_in_a_group_can_edit_accounts(groups):
    for group in GROUPS:
        theirs = Group.objects.get(name=group).permissions
        assert not theirs.filter(content_type__app_label="auth").exists()


def test_it_gives_back_what_a_group_is_to_have_and_takes_nothing(groups):
    viewer = Group.objects.get(name="viewer")
    extra = Permission.objects.get(codename="add_report")
    viewer.permissions.set([extra])
    give_permissions(apps.get_app_config("reports"))
    assert {"add_report", "view_report"} <= codenames("viewer")


def test_it_leaves_out_a_group_that_people_removed(groups):
    Group.objects.filter(name="operator").delete()
    give_permissions(apps.get_app_config("reports"))
    assert not Group.objects.filter(name="operator").exists()


@pytest.mark.django_db(transaction=True)
def test_its_groups_come_and_go_with_their_migration():
    Group.objects.filter(name__in=GROUPS).delete()
    call_command("migrate", "access", "0001", verbosity=0)
    assert not Group.objects.filter(name__in=GROUPS).exists()
    call_command("migrate", verbosity=0)
    assert set(Group.objects.values_list("name", flat=True)) >= set(GROUPS)
    assert "view_report" in codenames("viewer")
    user = get_user_model().objects.create_user("somebody")
    user.groups.add(Group.objects.get(name="viewer"))
    call_command("migrate", "access", "0001", verbosity=0)
    assert [group.name for group in Group.objects.filter(name__in=GROUPS)] == ["viewer"]
    call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_it_takes_from_existing_groups_what_only_administrators_may_see():
    kept = {"view_webhook", "view_delivery", "view_schedule", "view_scheduledrun"}
    call_command("migrate", "access", "0002", verbosity=0)
    for name in GROUPS:
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*Permission.objects.filter(codename__in=kept))
    call_command("migrate", verbosity=0)
    assert not kept & (codenames("viewer") | codenames("operator"))
    assert kept <= codenames("admin")
