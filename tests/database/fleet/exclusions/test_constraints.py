"""What an exclusion must have: refused with a reason by its check, and by the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from fleet.models import Exclusion, Store, Tag, TimeZone
from tests.database.fleet.exclusions import FIRST, LAST, SUNDAYS, exclusion, made
from uptime.windows.elapsed import DAY, MINUTE

pytestmark = pytest.mark.django_db


def with_store(values):
    store, _ = Store.objects.get_or_create(store_id="a")
    tag, _ = Tag.objects.get_or_create(name="night")
    known = {"store": store, "tag": tag}
    return {**values, **{name: known[name] for name in known if name in values}}


WRONG = {
    "no store": ({"scope": "store"}, "store"),
    "no tag": ({"scope": "tag"}, "tag"),
    "a store of the fleet": ({"store": 1}, "store"),
    "a store and a tag": ({"scope": "store", "store": 1, "tag": 1}, "tag"),
    "an unknown scope": ({"scope": "zone"}, "scope"),
    "no end": ({"ends_at": None}, "ends_at"),
    "no start": ({"starts_at": None}, "starts_at"),
    "no time": ({"starts_at": LAST, "ends_at": LAST}, "ends_at"),
    "backwards": ({"starts_at": LAST, "ends_at": FIRST}, "ends_at"),
    "no reason": ({"reason": ""}, "reason"),
    "a zone of one interval": ({"time_zone_id": "UTC"}, "time_zone"),
    "a rule without a zone": ({**SUNDAYS, "time_zone_id": None}, "time_zone"),
    "a rule without a date": ({**SUNDAYS, "first_date": None}, "first_date"),
    "a rule without a time": ({**SUNDAYS, "start_time": None}, "start_time"),
    "a rule with a start": ({**SUNDAYS, "starts_at": FIRST}, "starts_at"),
    "before the years": ({"starts_at": datetime(1, 1, 1, tzinfo=UTC)}, "starts_at"),
    "after the years": ({"ends_at": datetime(9999, 12, 31, tzinfo=UTC)}, "ends_at"),
    "just after the years": ({"ends_at": datetime(2200, 1, 1, tzinfo=UTC)}, "ends_at"),
    "a first date before the years": ({**SUNDAYS, "first_date": date(1, 1, 1)}, "first_date"),
    "a last end after the years": (
        {**SUNDAYS, "ends_at": datetime(9999, 12, 31, tzinfo=UTC)},
        "ends_at",
    ),
    "a first date after the years": ({**SUNDAYS, "first_date": date.max}, "first_date"),
    "too short": ({**SUNDAYS, "duration_us": MINUTE - 1}, "duration_us"),
    "too long": ({**SUNDAYS, "duration_us": 31 * DAY + 1}, "duration_us"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_twice(name):
    values, field = WRONG[name]
    row = exclusion(**with_store(values))
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert field in caught.value.message_dict
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("FREQ=SECONDLY", "It needs a FREQ of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "It never occurs."),
        ("every sunday", "It 'EVERYSUNDAY' is not of the form NAME=VALUE."),
    ],
)
def test_an_unusable_rule_is_refused_with_the_reason(rule, fault):
    with pytest.raises(ValidationError) as caught:
        exclusion(**{**SUNDAYS, "rule": rule}).full_clean()
    [message] = caught.value.message_dict["rule"]
    assert message.startswith(fault)


@pytest.mark.parametrize("reason", ["New\nrouters", "\u202eNew routers", "a\0b", "\t\u200b"])
def test_a_reason_that_does_not_print_is_refused_as_in_the_feed(reason):
    with pytest.raises(ValidationError) as caught:
        exclusion(reason=reason).full_clean()
    assert "reason" in caught.value.message_dict


def test_a_rule_is_kept_in_one_way_of_writing_it():
    assert made(**{**SUNDAYS, "rule": "rrule:freq=weekly; byday=su"}).rule == SUNDAYS["rule"]


def test_it_goes_with_its_store_or_tag():
    store, tag = Store.objects.create(store_id="a"), Tag.objects.create(name="night")
    made(scope="store", store=store)
    made(scope="tag", tag=tag)
    store.delete()
    tag.delete()
    assert not Exclusion.objects.exists()


def test_it_says_what_it_is_for():
    store, tag = Store.objects.create(store_id="a:b"), Tag.objects.create(name="night")
    rows = made(), made(scope="store", store=store), made(scope="tag", tag=tag)
    assert [row.scope_text for row in rows] == ["fleet", "store:a:b", "tag:night"]


def test_a_zone_in_use_stays():
    made(**SUNDAYS, ends_at=LAST + timedelta(days=30))
    with pytest.raises(IntegrityError), transaction.atomic():
        TimeZone.objects.filter(name="America/Chicago").delete()
