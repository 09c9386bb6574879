"""Reports in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from kombu.exceptions import OperationalError

from ingestion.models import Store
from reports import services, tasks
from reports.models import Report
from tests.database.answers import AS_OF, complete, failed, queued, running

pytestmark = pytest.mark.django_db(transaction=True)

REPORTS = "/admin/reports/report/"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def told(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "enqueue", lambda report: calls.append(report.pk))
    return calls


@pytest.fixture
def viewer(client, django_user_model):
    """A member of the staff who may look at reports and no more."""
    user = django_user_model.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_report"))
    client.force_login(user)
    return client


def act(client, action: str, *reports: Report, **values: str):
    chosen = [str(report.pk) for report in reports]
    return client.post(
        REPORTS, {"action": action, "_selected_action": chosen, **values}, follow=True
    )


def messages(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("count", [1, 10, 50])
def test_it_lists_any_number_of_reports_with_as_many_queries(
    admin_client, django_assert_max_num_queries, count
):
    for _ in range(count):
        complete()
    with django_assert_max_num_queries(6):
        assert admin_client.get(REPORTS).status_code == 200


def test_it_shows_reports_in_every_state(admin_client):
    reports = [queued(), running(), complete(), failed()]
    page = admin_client.get(REPORTS).content.decode()
    assert "Running, 25 %" in page
    assert page.count(f'href="/api/v1/reports/{reports[2].pk}/download/"') == 1
    assert page.count("/download/") == 1
    for report in reports:
        assert report.id.hex[:8] in page
        own = admin_client.get(f"{REPORTS}{report.pk}/change/")
        assert own.status_code == 200
        assert report.error in own.content.decode()
        assert "2023-01-25 18:13:22" in own.content.decode()


def test_it_runs_reports_again_as_of_the_same_instants(admin_client, told):
    old = [complete(), failed()]
    response = act(admin_client, "run_again", *old)
    new = Report.objects.exclude(pk__in=[report.pk for report in old])
    assert {report.pk for report in new} == set(told)
    assert len(told) == 2
    assert {(report.as_of, report.status) for report in new} == {(AS_OF, "Queued")}
    assert {report.requested_by for report in new} == {"admin"}
    assert Report.objects.get(pk=old[0].pk).status == "Complete"
    assert len(messages(response)) == 2


def test_it_requests_a_report_as_of_the_newest_poll(admin_client, told):
    Store.objects.create(store_id="a", last_polled_at=AS_OF, last_status=1)
    response = admin_client.post(f"{REPORTS}request/", follow=True)
    report = Report.objects.get()
    assert report.as_of == AS_OF
    assert told == [report.pk]
    assert messages(response) == [f"Requested report {report.pk}, as of 2023-01-25 18:13:22 UTC."]


def test_it_says_that_there_is_nothing_to_report_on(admin_client, told):
    [message] = messages(admin_client.post(f"{REPORTS}request/", follow=True))
    assert "no polls" in message
    assert not told


def test_it_says_that_the_broker_is_away_for_each_report(admin_client, monkeypatch):
    def unreachable(report):
        services.fail(report.pk, "The queue could not be reached.")
        raise OperationalError("refused")

    monkeypatch.setattr(tasks, "enqueue", unreachable)
    response = act(admin_client, "run_again", complete(), complete())
    assert len(messages(response)) == 2
    assert all("broker cannot be reached" in message for message in messages(response))
    assert Report.objects.filter(status="Failed").count() == 2


def test_it_starts_nothing_by_get(admin_client):
    assert admin_client.get(f"{REPORTS}request/").status_code == 405


def test_it_lets_those_start_reports_who_may_add_them(viewer, told):
    report = complete()
    page = viewer.get(REPORTS).content.decode()
    assert "Request a report" not in page
    assert "run_again" not in page
    assert viewer.post(f"{REPORTS}request/").status_code == 403
    act(viewer, "run_again", report)
    assert Report.objects.count() == 1
    assert not told


def test_it_asks_strangers_to_log_in(client):
    for path in (REPORTS, f"{REPORTS}request/"):
        assert client.post(path)["Location"].startswith("/admin/login/")


def test_it_deletes_a_report_with_its_file(admin_client):
    report = complete()
    admin_client.post(f"{REPORTS}{report.pk}/delete/", {"post": "yes"})
    assert not Report.objects.exists()
    assert not default_storage.exists(report.file.name)


def test_it_deletes_several_reports_with_their_files(admin_client):
    gone, kept = [complete(), failed(), complete()], complete()
    act(admin_client, "delete_selected", *gone, post="yes")
    assert Report.objects.get().pk == kept.pk
    assert default_storage.exists(kept.file.name)
    assert not default_storage.exists(gone[0].file.name)
    assert not default_storage.exists(gone[2].file.name)


def test_it_keeps_the_file_of_a_report_whose_deletion_is_undone(admin_client, monkeypatch):
    report = complete()

    def refuse(*_, **__):
        raise RuntimeError("the connection broke before the commit")

    monkeypatch.setattr("reports.admin.ReportAdmin.response_delete", refuse)
    with pytest.raises(RuntimeError):
        admin_client.post(f"{REPORTS}{report.pk}/delete/", {"post": "yes"})
    assert Report.objects.get().pk == report.pk
    assert default_storage.exists(report.file.name)


def test_it_lets_nobody_edit_what_a_report_came_to(admin_client):
    report = failed()
    response = admin_client.post(f"{REPORTS}{report.pk}/change/", {"status": "Complete"})
    assert response.status_code == 403
    assert admin_client.get(f"{REPORTS}add/").status_code == 403
    report.refresh_from_db()
    assert report.status == "Failed"
