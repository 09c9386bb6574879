"""Reports in the admin."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from kombu.exceptions import OperationalError

from fleet.models import Store, TimeZone
from reports import tasks
from reports.build import ending
from reports.models import Report, Shard
from tests.database.admin_pages import polled
from tests.database.answers import AS_OF, complete, failed, queued, running

pytestmark = pytest.mark.django_db(transaction=True)

REPORTS = "/admin/reports/report/"


@pytest.fixture(autouse=True)
def told(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "enqueue", lambda report: calls.append(report.pk))
    return calls


@pytest.fixture
def viewer(client, django_user_model):
    """A staff user who may only view reports."""
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


FORM = {"as_of": "", "windows": "1h, 24h, 7d", "columns": "classic"}


def request(client, **values: str):
    return client.post(f"{REPORTS}add/", {**FORM, **values}, follow=True)


def test_it_requests_a_report_as_of_the_newest_poll(admin_client, told):
    polled("a", AS_OF)
    response = request(admin_client)
    report = Report.objects.get()
    assert report.as_of == AS_OF
    assert (report.windows, report.columns) == (["1h", "24h", "7d"], "classic")
    assert (report.max_gap, report.stores, report.requested_by) == (None, None, "admin")
    assert told == [report.pk]
    assert messages(response) == [f"Requested report {report.pk}, as of 2023-01-25 18:13:22 UTC."]
    assert response.redirect_chain[-1][0] == f"{REPORTS}{report.pk}/change/"


def test_it_requests_a_report_with_parameters(admin_client):
    zone = TimeZone.objects.get(name="Asia/Beirut")
    store = Store.objects.create(store_id="a b", time_zone=zone)
    store.tags.create(name="airport")
    response = request(
        admin_client,
        as_of="2023-01-25T12:00:00",
        windows="90m yesterday, 30d",
        columns="full",
        max_gap="3h",
        tag="airport",
        store_zone="Asia/Beirut",
        store_ids="  a b \r\n\r\n",
    )
    report = Report.objects.get()
    assert report.as_of == datetime(2023, 1, 25, 12, tzinfo=UTC)
    assert report.windows == ["90m", "yesterday", "30d"]
    assert (report.columns, report.max_gap) == ("full", timedelta(hours=3))
    assert report.stores == {"ids": ["a b"], "time_zone": "Asia/Beirut", "tag": "airport"}
    page = response.content.decode()
    for text in ("90m, yesterday, 30d", "tag airport and zone Asia/Beirut and a b, full", "3h"):
        assert text in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("windows", "1x", "1x"),
        ("windows", "", "This field is required."),
        ("columns", "most", "Select a valid choice."),
        ("max_gap", "today", "not a length"),
        ("tag", "nowhere", "There is no tag"),
        ("store_zone", "Mars/Olympus", "There is no time zone"),
        ("store_ids", "nobody", "There is no store"),
        ("as_of", "noon", "Enter a valid date/time."),
    ],
)
def test_it_says_which_parameter_cannot_be_used(admin_client, told, field, value, sentence):
    polled("a", AS_OF)
    page = request(admin_client, **{field: value}).content.decode()
    assert sentence in page
    assert 'class="errorlist"' in page
    assert not Report.objects.exists()
    assert not told


def test_it_says_that_there_is_nothing_to_report_on(admin_client, told):
    assert "There are no polls yet." in request(admin_client).content.decode()
    assert not told


def test_it_says_that_a_report_could_not_be_queued(admin_client, unreachable):
    [message] = messages(request(admin_client, as_of="2023-01-25T12:00:00"))
    assert "broker cannot be reached" in message
    assert Report.objects.get().status == "Failed"


@pytest.fixture
def unreachable(monkeypatch):
    def enqueue(report):
        ending.fail(report.pk, "The queue could not be reached.")
        raise OperationalError("refused")

    monkeypatch.setattr(tasks, "enqueue", enqueue)


def test_it_says_that_the_broker_is_away_for_each_report(admin_client, unreachable):
    response = act(admin_client, "run_again", complete(), complete())
    assert len(messages(response)) == 2
    assert all("broker cannot be reached" in message for message in messages(response))
    assert Report.objects.filter(status="Failed").count() == 2


def test_it_runs_a_report_again_with_the_same_parameters(admin_client, told):
    Store.objects.create(store_id="a")
    old = queued(windows=["30d"], columns="full", max_gap=timedelta(hours=3), stores={"ids": ["a"]})
    admin_client.post(f"{REPORTS}{old.pk}/again/")
    new = Report.objects.get(pk=told[0])
    for name in ("as_of", "windows", "columns", "max_gap", "stores"):
        assert getattr(new, name) == getattr(old, name)


def test_it_cancels_what_has_not_ended(admin_client):
    waiting, building, done = queued(), running(), complete()
    admin_client.post(f"{REPORTS}{waiting.pk}/cancel/")
    response = act(admin_client, "cancel_chosen", building, done)
    found = dict(Report.objects.values_list("pk", "status"))
    assert found == {waiting.pk: "Cancelled", building.pk: "Cancelled", done.pk: "Complete"}
    assert set(messages(response)) == {
        f"Cancelled report {waiting.pk}.",
        f"Cancelled report {building.pk}.",
        f"report {done.pk} has already ended.",
    }


def test_it_shows_the_first_rows_and_every_way_to_have_them_all(admin_client):
    rows = "".join(f"store-{number},1.00\n" for number in range(30))
    report = complete(f"store_id,uptime\n{rows}")
    page = admin_client.get(f"{REPORTS}{report.pk}/change/").content.decode()
    assert "The first 10 of 30 rows" in page
    assert "store-9" in page
    assert "store-10" not in page
    assert f'href="/api/v1/reports/{report.pk}/download/"' in page
    for suffix in ("json", "ndjson", "xlsx", "parquet"):
        assert f'href="/api/v1/reports/{report.pk}/download.{suffix}"' in page


def test_it_says_that_the_file_is_gone(admin_client):
    report = complete()
    default_storage.delete(report.file.name)
    page = admin_client.get(f"{REPORTS}{report.pk}/change/").content.decode()
    assert "The file cannot be read" in page


def test_it_comes_again_by_itself_until_a_report_has_ended(admin_client):
    for report, comes_again in ((queued(), True), (running(), True), (complete(), False)):
        page = admin_client.get(f"{REPORTS}{report.pk}/change/").content.decode()
        assert ('http-equiv="refresh"' in page) is comes_again


def test_it_lists_the_shards_of_a_large_report(admin_client):
    report = running()
    for number in range(3):
        Shard.objects.create(
            report=report, number=number, first_key=number * 10 + 1, last_key=number * 10 + 10
        )
    page = admin_client.get(f"{REPORTS}{report.pk}/change/").content.decode()
    assert "3 queued" in page
    assert "21 to 30" in page


def test_it_starts_and_ends_nothing_by_get(admin_client, told):
    report = running()
    assert admin_client.get(f"{REPORTS}add/").status_code == 200
    for name in ("again", "cancel"):
        assert admin_client.get(f"{REPORTS}{report.pk}/{name}/").status_code == 405
    assert not told


def test_it_lets_those_start_reports_who_may_add_them(viewer, told):
    report = running()
    page = viewer.get(REPORTS).content.decode()
    page += viewer.get(f"{REPORTS}{report.pk}/change/").content.decode()
    for button in ("Request a report", "run_again", "cancel_chosen", "/again/", "/cancel/"):
        assert button not in page
    for name in ("add", f"{report.pk}/again", f"{report.pk}/cancel", f"{report.pk}/delete"):
        assert viewer.post(f"{REPORTS}{name}/").status_code == 403
    act(viewer, "run_again", report)
    act(viewer, "cancel_chosen", report)
    assert Report.objects.count() == 1
    assert not told


def test_it_asks_strangers_to_log_in(client):
    for path in (REPORTS, f"{REPORTS}add/"):
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
    report.refresh_from_db()
    assert report.status == "Failed"
