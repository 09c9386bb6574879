"""Webhooks and their deliveries in the admin."""

import pytest
from django.contrib.auth.models import Permission

from tests.database.answers import complete
from webhooks import deliveries, services, tasks
from webhooks.models import Delivery, Webhook
from webhooks.sending import signing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

WEBHOOKS = "/admin/webhooks/webhook/"
LOG = "/admin/webhooks/delivery/"
FORM = {"name": "BI", "url": "https://bi.example.com/", "on_complete": "on", "active": "on"}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    told = []
    monkeypatch.setattr(tasks, "enqueue", lambda delivery: told.append(delivery.pk))
    return told


def make(**values):
    values = {"name": "BI", "url": "https://bi.example.com/", **values}
    return services.create_webhook(created_by="a test", **values)[0]


def recorded():
    deliveries.record_report(complete().pk)
    return Delivery.objects.first()


def act(client, path, action, *rows):
    chosen = [str(row.pk) for row in rows]
    data = {"action": action, "_selected_action": chosen}
    return client.post(path, data, follow=True)


def messages(response):
    return [str(message) for message in response.context["messages"]]


def test_it_makes_a_webhook_and_shows_the_secret_once(admin_client):
    response = admin_client.post(f"{WEBHOOKS}add/", FORM)

    webhook = Webhook.objects.get()
    assert (webhook.created_by, webhook.events) == ("admin", ["report.complete"])
    assert signing.secret_of(webhook.secret_seed) in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    page = admin_client.get(f"{WEBHOOKS}{webhook.pk}/change/").content.decode()
    assert "whsec_" not in page
    assert webhook.secret_seed not in page


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"url": "http://127.0.0.1/"}, "not a public address"),
        ({"url": "https://a:b@example.com/"}, "user name or password"),
        ({"on_complete": ""}, "Choose at least one event."),
    ],
)
def test_it_refuses_what_makes_no_webhook(admin_client, values, reason):
    response = admin_client.post(f"{WEBHOOKS}add/", {**FORM, **values})
    assert reason in response.content.decode()
    assert not Webhook.objects.exists()


def test_it_changes_a_webhook_and_keeps_its_secret(admin_client):
    webhook = make()
    admin_client.post(f"{WEBHOOKS}{webhook.pk}/change/", {**FORM, "name": "DWH", "active": ""})
    changed = Webhook.objects.get()
    assert (changed.name, changed.active) == ("DWH", False)
    assert changed.secret_seed == webhook.secret_seed


def test_it_pings_and_rotates(admin_client, told):
    webhook = make()
    act(admin_client, WEBHOOKS, "ping", webhook)
    assert told == [Delivery.objects.get(event="ping").pk]
    page = act(admin_client, WEBHOOKS, "rotate_secret", webhook).content.decode()
    rotated = Webhook.objects.get()
    assert rotated.previous_seed == webhook.secret_seed
    assert signing.secret_of(rotated.secret_seed) in page
    assert "whsec_" not in admin_client.get(WEBHOOKS).content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_it_lists_any_number_of_deliveries_with_as_many_queries(
    admin_client, django_assert_max_num_queries, count
):
    make()
    for _ in range(count):
        recorded()
    with django_assert_max_num_queries(8):
        assert admin_client.get(LOG).status_code == 200


def test_it_shows_and_sends_again_what_failed(admin_client, told):
    make()
    delivery = recorded()
    Delivery.objects.update(status="Failed", error="It answered 500.", next_attempt_at=None)
    assert "It answered 500." in admin_client.get(LOG).content.decode()
    assert "It answered 500." in admin_client.get(f"{LOG}{delivery.pk}/change/").content.decode()

    act(admin_client, LOG, "send_again", delivery)

    assert told == [delivery.pk]
    assert Delivery.objects.get().status == "Pending"


def test_it_sends_again_from_the_page_of_a_delivery(admin_client, told):
    make()
    delivery = recorded()
    Delivery.objects.update(status="Failed", error="It answered 500.", next_attempt_at=None)
    page = admin_client.get(f"{LOG}{delivery.pk}/change/").content.decode()
    assert f'action="{LOG}{delivery.pk}/again/"' in page

    answer = admin_client.post(f"{LOG}{delivery.pk}/again/", follow=True)

    assert "was queued again" in messages(answer)[0]
    assert told == [delivery.pk]
    assert admin_client.get(f"{LOG}{delivery.pk}/again/").status_code == 405


def test_it_says_that_a_worker_is_sending_it(admin_client, told):
    make()
    delivery = recorded()
    deliveries.claim(delivery.pk)
    [message] = messages(act(admin_client, LOG, "send_again", delivery))
    assert "right now" in message
    assert told == []


def test_it_lets_only_those_send_who_may_change_webhooks(client, django_user_model, told):
    make()
    delivery = recorded()
    user = django_user_model.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(user)
    assert "Send again" not in client.get(LOG).content.decode()
    act(client, LOG, "send_again", delivery)
    assert "/again/" not in client.get(f"{LOG}{delivery.pk}/change/").content.decode()
    assert client.post(f"{LOG}{delivery.pk}/again/").status_code == 403
    assert told == []


def test_it_lets_reports_be_deleted_with_their_deliveries(admin_client):
    make()
    report = recorded().report
    admin_client.post(f"/admin/reports/report/{report.pk}/delete/", {"post": "yes"})
    assert not Delivery.objects.exists()
