"""The settings of a store, edited on its page by those who may."""

import re
from datetime import time

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from fleet.models import BusinessHours, Store, StoreTag
from tests.database.dashboard.test_store import odd_store, page

pytestmark = pytest.mark.django_db(transaction=True)


def form_of(client, store_id="a"):
    html = client.get(f"/stores/{store_id}/settings/").content.decode()
    given = re.findall(r'<input type="(?:text|hidden)" name="(\w+)"(?: value="([^"]*)")?', html)
    return dict(given)


def test_settings_are_edited_in_place(client):
    odd_store()
    given = {**form_of(client), "name": "Corner", "zone": "Asia/Kolkata", "tag_names": "b; a"}
    given |= {"day_0": "09:00-12:00, 13:00-24:00", "day_6": ""}
    part = client.post("/stores/a/settings/", given, headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/stores/a/"
    store = Store.objects.get(store_id="a")
    assert (store.name, store.time_zone_id) == ("Corner", "Asia/Kolkata")
    assert set(StoreTag.objects.values_list("tag__name", flat=True)) == {"a", "b"}
    rows = BusinessHours.objects.filter(store=store).order_by("weekday", "opens")
    assert [(row.weekday, row.opens, row.closes) for row in rows][:2] == [
        (0, time(9), time(12)),
        (0, time(13), time()),
    ]
    assert not rows.filter(weekday=6).exists()
    assert "The settings were saved." in page(client)


def test_what_is_wrong_stands_at_its_field(client):
    odd_store()
    wrong = {"day_0": "24:00-09:00", "day_1": "9-", "zone": "Nowhere", "tag_names": "x" * 51}
    response = client.post("/stores/a/settings/", {**form_of(client), **wrong})
    html = response.content.decode()
    assert (response.status_code, html.count('<small class="error"')) == (200, 4)
    assert BusinessHours.objects.count() == 7


def test_a_store_changed_meanwhile_is_left_alone(client):
    odd_store()
    given = {**form_of(client), "name": "mine"}
    Store.objects.update(name="theirs")
    response = client.post("/stores/a/settings/", given)
    assert response.status_code == 409
    assert "was changed since you opened the form" in response.content.decode()
    assert Store.objects.get().name == "theirs"


def test_only_administrators_change_it(client, settings):
    odd_store()
    settings.ANONYMOUS_SCOPES = ["read"]
    assert "/settings/" not in page(client)
    client.force_login(get_user_model().objects.create_user("somebody"))
    assert client.get("/stores/a/settings/").status_code == 403
    assert client.post("/stores/a/settings/", {"name": "x"}).status_code == 403
    client.force_login(get_user_model().objects.create_superuser("boss"))
    html = page(client)
    assert "/settings/" in html
    assert reverse("admin:fleet_store_change", args=[Store.objects.get().pk]) in html
