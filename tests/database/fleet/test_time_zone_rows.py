"""The table of time zones follows the pinned tzdata."""

import pytest
from django.core.management import call_command

from feeds.zones import known_time_zones
from fleet.apps import add_time_zones
from fleet.models import Store, TimeZone
from storemonitor.launch import preparation


def names():
    return set(TimeZone.objects.values_list("name", flat=True))


@pytest.mark.django_db
def test_it_adds_the_zones_that_are_missing_at_each_migrate():
    TimeZone.objects.filter(name__in=["Asia/Tokyo", "UTC"]).delete()

    call_command("migrate", verbosity=0)

    assert names() == set(known_time_zones())


@pytest.mark.django_db
def test_it_adds_the_zones_that_are_missing_at_a_start_without_migrations():
    TimeZone.objects.filter(name__in=["Asia/Tokyo", "UTC"]).delete()

    assert preparation.migrate() == 0

    assert names() == set(known_time_zones())


@pytest.mark.django_db
def test_it_keeps_a_zone_that_tzdata_no_longer_has():
    gone = TimeZone.objects.create(name="Asia/Atlantis")
    Store.objects.create(store_id="a", time_zone=gone)

    call_command("migrate", verbosity=0)

    assert Store.objects.get().time_zone == gone


@pytest.mark.django_db
def test_it_writes_nothing_when_none_is_missing(django_assert_num_queries):
    with django_assert_num_queries(1):
        add_time_zones(using="default")


@pytest.mark.django_db(transaction=True)
def test_it_lets_the_tables_be_migrated_away_and_back():
    try:
        call_command("migrate", "reports", "zero", verbosity=0)
        call_command("migrate", "ingestion", "zero", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)

    assert names() == set(known_time_zones())
