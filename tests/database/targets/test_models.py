"""What the database itself refuses of a target, and how the core sees the rows."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from targets.models import Target
from targets.services import all_targets
from uptime.targets.target import Target as CoreTarget

pytestmark = pytest.mark.django_db

SAID = {"name": "All", "scope": "fleet", "percentage": Decimal("99.5"), "windows": ["7d"]}


def make(**values):
    return Target.objects.create(**{**SAID, "created_at": timezone.now(), **values})


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"scope": ""},
        {"scope": "all"},
        {"scope": "tag:"},
        {"scope": "store:"},
        {"scope": "TAG:a"},
        {"percentage": 0},
        {"percentage": Decimal("-0.01")},
        {"percentage": Decimal("100.01")},
        {"windows": []},
    ],
)
def test_the_database_refuses(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        make(**values)


def test_the_database_has_a_name_once():
    make()
    with pytest.raises(IntegrityError), transaction.atomic():
        make(scope="tag:a")


@pytest.mark.parametrize(
    ("percentage", "hundredths"),
    [("0.01", 1), ("99.50", 9950), ("99.99", 9999), ("29.29", 2929), ("100", 10_000)],
)
def test_the_core_gets_exactly_the_percentage(percentage, hundredths):
    make(percentage=Decimal(percentage), scope="store:x", windows=["7d", "today"])
    assert all_targets() == [
        CoreTarget(name="All", scope="store:x", hundredths=hundredths, windows=("7d", "today"))
    ]


def test_the_oldest_comes_first():
    for name in ("b", "a"):
        make(name=name)
    assert [target.name for target in all_targets()] == ["b", "a"]
