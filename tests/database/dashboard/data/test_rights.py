"""Who may see the data page and send files there, and what is recorded of it."""

import pytest

from access.models import AuditEntry
from ingestion.models import Ingestion
from tests.database.admin_pages import member_of
from tests.database.dashboard.data.sending import DATA, HTMX, POLLS, send, words
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_sends_strangers_to_the_form_to_sign_in_and_records_nothing(client, settings):
    settings.ANONYMOUS_SCOPES = []
    response = client.get(DATA)
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=%2Fdata%2F")
    assert send(client, POLLS)["Location"] == "/sign-in/?next=%2Fdata%2F"
    assert send(client, POLLS, headers=HTMX)["HX-Redirect"] == "/sign-in/?next=%2Fdata%2F"
    assert not Ingestion.objects.exists()
    assert not AuditEntry.objects.exists()


def test_it_shows_no_form_to_whoever_may_only_read(client, settings, django_user_model):
    settings.ANONYMOUS_SCOPES = []
    client.force_login(member_of("viewer", django_user_model))
    ingest_polls("a,active,2023-01-22 12:00:00 UTC")
    page = client.get(DATA)
    assert page.status_code == 200
    assert 'type="file"' not in page.content.decode()
    assert send(client, POLLS).status_code == 403
    assert Ingestion.objects.count() == 1


def test_it_shows_nothing_of_others_to_whoever_may_only_send(client, settings):
    settings.ANONYMOUS_SCOPES = ["ingest"]
    ingest_polls("secret,active,2023-01-22 12:00:00 UTC")
    response = send(client, POLLS)
    assert "Stored as store status" in words(response)
    assert "polls.csv" not in words(response)
    assert client.get(DATA).status_code == 302


def test_it_records_who_sent_files_on_a_page(client, settings, django_user_model):
    settings.ANONYMOUS_SCOPES = []
    client.force_login(member_of("operator", django_user_model))
    assert send(client, POLLS).status_code == 200
    made = AuditEntry.objects.get()
    assert (made.who, made.how, made.what) == ("operator", "page", "POST /data/")
    assert made.detail["made"] == [f"ingestion.Ingestion {Ingestion.objects.get().pk}"]
    assert Ingestion.objects.get().requested_by == "operator"
