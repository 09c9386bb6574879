"""Targets in the admin."""

import pytest

from fleet.models import Store, Tag
from targets.models import Target
from tests.database.admin_pages import text

pytestmark = pytest.mark.django_db(transaction=True)

TARGETS = "/admin/targets/target/"
FORM = {"name": "All", "scope": "fleet", "percentage": "99.5", "windows": "4w, this-month"}


@pytest.fixture(autouse=True)
def _fleet():
    Store.objects.create(store_id="a")
    Tag.objects.create(name="north")


def test_it_makes_and_changes_a_target(admin_client):
    made = admin_client.post(f"{TARGETS}add/", FORM)
    target = Target.objects.get()
    assert made.status_code == 302
    assert (target.created_by, target.windows) == ("admin", ["28d", "this-month"])

    page = admin_client.get(f"{TARGETS}{target.pk}/change/").content.decode()
    assert 'value="28d, this-month"' in page
    assert 'value="tag:north"' in page
    admin_client.post(f"{TARGETS}{target.pk}/change/", {**FORM, "scope": "store:a"})
    assert Target.objects.get().scope == "store:a"
    assert "store:a 99.50 28d, this-month" in text(admin_client.get(TARGETS))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"scope": "tag:south"}, "There is no tag"),
        ({"scope": "all"}, "Must be fleet, tag:NAME or store:ID."),
        ({"percentage": "100.01"}, "Must be from 0.01 to 100."),
        ({"percentage": "99.555"}, "no more than 2 decimal places"),
        ({"windows": "soon"}, "is not a window"),
        ({"windows": "2024-03"}, "one time only"),
    ],
)
def test_it_shows_what_is_wrong(admin_client, values, reason):
    assert reason in text(admin_client.post(f"{TARGETS}add/", {**FORM, **values}))
    assert not Target.objects.exists()
