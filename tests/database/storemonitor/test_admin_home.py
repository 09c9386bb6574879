"""The admin's home page: system status, and what needs attention."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.core.files.storage import InMemoryStorage
from django.db import connection
from django.utils import timezone
from django_celery_results.models import TaskResult

from dashboard.models import FleetSnapshot
from fleet.extent import newest_poll
from fleet.models import Store
from ingestion.models import Ingestion
from reports.models import Report
from storemonitor.models import Worker
from storemonitor.operations.queue_depth import queue_depth
from storemonitor.operations.table_sizes import table_sizes
from stores.silence import silence
from tests.database.admin_pages import NEWEST, member_of, polled, text
from tests.database.answers import complete, failed, queued, running
from tests.servers import broker

pytestmark = pytest.mark.django_db

HOME = "/admin/"


@pytest.fixture(autouse=True)
def _folder_as_queue(settings, tmp_path):
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}


def worker(
    *, silent_for: timedelta = timedelta(), name: str = "celery@here", pid: int = 7
) -> Worker:
    now = timezone.now()
    started = now - timedelta(days=1)
    return Worker.objects.create(
        name=name, pid=pid, processes=2, started_at=started, beat_at=now - silent_for
    )


def swept(*, ago: timedelta = timedelta()) -> None:
    result = TaskResult.objects.create(
        task_id="1", task_name="reports.sweep", status="SUCCESS", result="0"
    )
    TaskResult.objects.filter(pk=result.pk).update(date_done=timezone.now() - ago)


def ingested(**values) -> Ingestion:
    given = {"name": "a.csv", "status": "Complete", "requested_by": "a test", **values}
    return Ingestion.objects.create(**given)


def attention(client) -> str:
    return client.get(HOME).content.decode().partition("home-attention")[2].partition("</ul>")[0]


def test_it_says_what_to_do_first_where_there_is_nothing(admin_client):
    page = admin_client.get(HOME).content.decode()
    assert "There is no data yet" in page
    assert 'href="/admin/ingestion/ingestion/add/">Upload your CSV files' in page
    assert 'href="/admin/reports/report/add/">Request a report' in page


def test_it_is_the_home_of_all_apps_and_not_of_each(admin_client):
    page = text(admin_client.get("/admin/ingestion/"))
    assert "Ingestion administration" in page
    assert "Nothing needs attention" not in page


def test_it_says_that_nothing_needs_attention(admin_client):
    polled("a", timezone.now())
    worker()
    swept()
    assert "Nothing needs attention." in attention(admin_client)


def test_it_says_what_needs_attention(admin_client):
    polled("a", timezone.now() - timedelta(hours=7))
    worker()
    worker(silent_for=timedelta(minutes=2), pid=8)
    swept(ago=timedelta(minutes=6))
    failed()
    ingested(status="Failed", error="a.csv is empty")
    ingested(rows_read=3, rows_new=1, rows_rejected=2)
    found = attention(admin_client)
    for sentence in (
        "1 of 2 workers are silent",
        "No sweep has finished for a while",
        "No poll has arrived since",
        '<a href="/admin/reports/report/?status__exact=Failed">1 report has failed within a day.',
        '<a href="/admin/ingestion/ingestion/?status__exact=Failed">1 of the last 2 ingestions',
        "1 of the last 2 ingestions have rejected rows.",
    ):
        assert sentence in found


def test_it_awaits_the_first_sweep_of_a_worker_that_has_just_started(admin_client):
    polled("a", timezone.now())
    swept(ago=timedelta(hours=1))
    started = worker()
    Worker.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    assert "Nothing needs attention." in attention(admin_client)
    Worker.objects.update(started_at=started.started_at)
    assert "No sweep has finished for a while" in attention(admin_client)


def test_it_says_whose_clock_is_off(admin_client):
    polled("a", timezone.now())
    swept()
    worker(name="celery@right")
    for pid, name, ahead in ((8, "celery@ahead", 3600), (9, "celery@behind", -61)):
        worker(name=name, pid=pid)
        Worker.objects.filter(pid=pid).update(clock_ahead=timedelta(seconds=ahead))
    found = attention(admin_client)
    assert "The clock of celery@ahead is 3600 s ahead of the database" in found
    assert "The clock of celery@behind is 61 s behind the database" in found
    assert "celery@right" not in found


def test_it_forgets_a_dead_worker_after_an_hour(admin_client):
    worker(name="celery@dead", silent_for=timedelta(minutes=61))
    worker(name="celery@silent", silent_for=timedelta(minutes=59), pid=8)
    page = admin_client.get(HOME).content.decode()
    assert "celery@silent" in page
    assert "celery@dead" not in page


def test_it_takes_polls_of_long_ago_for_history(admin_client):
    polled("a", NEWEST)
    worker()
    swept()
    found = attention(admin_client)
    assert "Nothing needs attention." in found
    assert "The polls end at 2023-01-25 18:13 UTC" in found
    assert "warning" not in found


def test_it_says_what_the_sample_is_and_not_that_its_polls_are_late(
    admin_client, client, django_user_model
):
    polled("a", timezone.now() - timedelta(hours=7), is_sample=True)
    worker()
    swept()
    client.force_login(member_of("viewer", django_user_model))
    for shown in (admin_client, client):
        found = attention(shown)
        assert "These stores are a made-up sample. Upload your own files" in found
        assert "Nothing needs attention." in found
        assert "No poll has arrived" not in found
        assert ("/admin/ingestion/ingestion/add/" in found) == (shown is admin_client)


def test_it_says_that_no_worker_is_alive(admin_client):
    polled("a", timezone.now())
    assert "No worker is alive" in attention(admin_client)
    worker(silent_for=timedelta(hours=1))
    assert "No worker is alive" in attention(admin_client)


def test_it_says_that_the_newest_poll_lies_ahead(admin_client):
    polled("a", timezone.now() + timedelta(hours=20))
    assert "The newest poll is in the future" in attention(admin_client)


def test_it_passes_over_a_poll_of_the_far_future(admin_client):
    polled("a", timezone.now(), datetime(2100, 12, 31, tzinfo=UTC))
    polled("b", timezone.now() - timedelta(hours=5))
    page = admin_client.get(HOME)
    assert "2100" not in text(page)
    assert "is in the future" not in text(page)
    assert (page.context["home"]["silence"].usual, newest_poll() <= timezone.now()) == (0, True)


def test_it_says_that_the_board_could_not_be_updated(admin_client):
    polled("a", NEWEST)
    now = timezone.now()
    ended = {"data_version": 1, "fingerprint": "f", "finished_at": now}
    FleetSnapshot.objects.create(status="Failed", error="The disk is full.", **ended)
    found = attention(admin_client)
    assert "its last update failed: The disk is full." in found
    assert 'href="/admin/dashboard/fleetsnapshot/"' in found
    FleetSnapshot.objects.create(status="Complete", as_of=NEWEST, file="snapshots/1", **ended)
    assert "its last update failed" not in attention(admin_client)


def test_it_says_that_the_disk_is_nearly_full(admin_client, monkeypatch):
    polled("a", timezone.now())
    usage = shutil.disk_usage("/")._replace(total=1000, free=99)
    monkeypatch.setattr("storemonitor.operations.home.shutil.disk_usage", lambda _: usage)
    assert "91 % full" in attention(admin_client)


def test_it_knows_no_disk_of_a_bucket(admin_client, monkeypatch):
    monkeypatch.setattr("storemonitor.operations.home.default_storage", InMemoryStorage())
    assert "in a bucket" in text(admin_client.get(HOME))


def test_it_links_each_thing_to_where_one_acts(admin_client):
    made = polled("a", NEWEST)
    late = polled("b", NEWEST - timedelta(days=2))
    record, report = ingested(rows_read=5, rows_new=3, rows_rejected=2), running()
    page = admin_client.get(HOME).content.decode()
    for address in (
        f"/admin/fleet/store/{late.pk}/change/",
        f"/admin/ingestion/ingestion/{record.pk}/change/",
        f"/admin/reports/report/{report.pk}/change/",
        "/admin/fleet/store/?polled=days",
        "/admin/fleet/pollrecord/",
    ):
        assert f'href="{address}"' in page
    assert f"/admin/fleet/store/{made.pk}/change/" not in page
    assert "Running, 25 %" in page


def test_it_shows_reports_that_run_or_failed_of_late(admin_client):
    polled("a", NEWEST)
    shown = [running(), queued(), failed()]
    hidden = [complete(), failed()]
    Report.objects.filter(pk=hidden[1].pk).update(created_at=timezone.now() - timedelta(days=8))
    page = admin_client.get(HOME).content.decode()
    assert [report.id.hex[:8] in page for report in shown] == [True, True, True]
    assert [report.id.hex[:8] in page for report in hidden] == [False, False]


def test_it_counts_the_silent_and_names_the_ten_silent_for_longest():
    for number in range(30):
        polled(f"s{number:02}", NEWEST - timedelta(hours=number))
    Store.objects.create(store_id="never")
    polled("old", NEWEST - timedelta(days=8))
    found = silence(NEWEST)
    assert (found.usual, found.day, found.week, found.never) == (24, 6, 1, 1)
    assert [one.store_id for one in found.worst] == ["old", *(f"s{n}" for n in range(29, 20, -1))]


@pytest.mark.parametrize("count", [0, 1, 60])
def test_it_asks_as_little_however_much_there_is(
    admin_client, django_assert_max_num_queries, count
):
    for number in range(count):
        polled(f"s{number}", NEWEST - timedelta(hours=number))
        ingested()
        failed()
        worker(pid=number)
    with django_assert_max_num_queries(14):
        assert admin_client.get(HOME).status_code == 200


@pytest.mark.parametrize("group", ["viewer", "operator", "admin"])
def test_it_asks_no_more_than_sixteen_times_for_any_group(
    client, django_user_model, django_assert_max_num_queries, group
):
    polled("a", NEWEST)
    client.force_login(member_of(group, django_user_model))
    with django_assert_max_num_queries(16):
        assert "Silent stores" in text(client.get(HOME))


def test_it_shows_no_more_than_one_may_see(client, django_user_model):
    polled("a", NEWEST)
    ingested(name="secret.csv")
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    page = text(client.get(HOME))
    assert "System" in page
    for word in (
        "Silent stores",
        "Latest ingestions",
        "secret.csv",
        "Running and failed reports",
        "Newest poll",
    ):
        assert word not in page


def test_it_says_how_large_tables_are_without_counting(django_assert_num_queries):
    Store.objects.bulk_create(Store(store_id=f"s{number}") for number in range(50))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with django_assert_num_queries(1) as asked:
        sizes = {table.name: table for table in table_sizes()}
    assert "COUNT(" not in asked[0]["sql"].upper()
    assert sizes["stores"].rows >= 50


def test_it_counts_what_waits_in_the_folder(tmp_path):
    for name in ("1_a.celery.msg", "2_b.celery.msg", "3_c.sweep.msg", "4_d.else.msg", "x"):
        (tmp_path / name).touch()
    assert queue_depth().waiting == 3


def test_it_says_why_the_depth_is_unknown(settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path / "none")}
    assert queue_depth().waiting is None
    assert "cannot be read" in queue_depth().reason
    settings.CELERY_BROKER_URL = "amqp://somewhere//"
    assert "amqp" in queue_depth().reason
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert queue_depth().reason == "Redis cannot be queried (ConnectionError)"


def test_it_counts_what_waits_in_redis(settings):
    with broker() as url:
        settings.CELERY_BROKER_URL = url
        with redis.Redis.from_url(url) as client:
            client.rpush("celery", "a", "b")
            client.rpush("sweep", "c")
        assert queue_depth().waiting == 3
