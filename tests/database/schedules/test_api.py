"""Schedules over HTTP and in the admin."""

import json
from datetime import UTC, datetime

import pytest

from fleet.models import Store
from schedules import mails, services
from schedules.models import Schedule, ScheduledRun
from tests.database.answers import REFUSALS, complete
from tests.database.clocks import standing_still

pytestmark = pytest.mark.django_db(transaction=True)

SCHEDULES = "/api/v1/schedules/"
ADMIN = "/admin/schedules/schedule/"
NOW = datetime(2024, 3, 9, 18, tzinfo=UTC)
SAID = {
    "name": "Monday morning",
    "cadence": "weekly",
    "weekday": 0,
    "hour": 6,
    "minute": 30,
    "time_zone": "America/New_York",
    "windows": ["last-week"],
    "columns": "full",
}
FORM = {**SAID, "windows": "last-week, 24h", "mail_as": "link", "active": "on"}


@pytest.fixture(autouse=True)
def clock():
    with standing_still(NOW) as moved:
        yield moved


@pytest.fixture
def _mailing(settings):
    settings.EMAIL_URL, settings.SITE_URL = "smtp://127.0.0.1:1", "https://monitor.example.com"


def call(client, method, path, body):
    return getattr(client, method)(path, json.dumps(body), content_type="application/json")


def create(client, **values):
    return call(client, "post", SCHEDULES, {**SAID, **values})


@pytest.mark.usefixtures("_mailing")
def test_it_creates_a_schedule_and_shows_its_next_runs(client):
    Store.objects.create(store_id="a")
    more = {"max_gap": "180m", "stores": {"ids": ["a"]}, "poller_outages": "unknown"}
    answer = create(client, recipients=["ops@example.com"], **more)

    assert answer.status_code == 201
    made = answer.json()
    assert {name: made[name] for name in SAID} == SAID
    assert (made["max_gap"], made["stores"], made["day"]) == ("3h", {"ids": ["a"]}, None)
    assert (made["recipients"], made["mail_as"]) == (["ops@example.com"], "link")
    assert made["poller_outages"] == "unknown"
    # Daylight saving begins between now and then.
    assert made["next_runs"] == [
        "2024-03-11T10:30:00Z",
        "2024-03-18T10:30:00Z",
        "2024-03-25T10:30:00Z",
    ]
    assert client.get(answer["Location"]).json() == made
    assert client.get(SCHEDULES).json()["results"] == [made]


def test_it_has_defaults_for_all_but_name_and_time(client):
    made = call(client, "post", SCHEDULES, {"name": "Each hour", "cadence": "hourly"}).json()
    assert (made["minute"], made["time_zone"], made["active"]) == (0, "UTC", True)
    assert (made["windows"], made["columns"]) == (["1h", "24h", "7d"], "classic")
    assert (made["recipients"], made["stores"], made["max_gap"]) == ([], None, None)
    assert made["poller_outages"] == "fill"


def test_it_changes_what_is_said_and_checks_it_with_the_rest(client):
    made = create(client).json()
    path = f"{SCHEDULES}{made['id']}/"

    refused = call(client, "patch", path, {"cadence": "daily"})
    assert refused.status_code == 422
    assert "weekday" in refused.json()["detail"]
    changed = call(client, "patch", path, {"cadence": "daily", "weekday": None}).json()
    assert changed["next_runs"][0] == "2024-03-10T10:30:00Z"
    off = call(client, "patch", path, {"active": False}).json()
    assert (off["active"], off["next_runs"], off["windows"]) == (False, [], ["last-week"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"cadence": "yearly"}, "cadence"),
        ({"hour": None}, "hour"),
        ({"hour": 24}, "hour"),
        ({"minute": 60}, "minute"),
        ({"weekday": None}, "weekday"),
        ({"weekday": 7}, "weekday"),
        ({"day": 1}, "day"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"windows": ["soon"]}, "windows"),
        ({"windows": []}, "windows"),
        ({"columns": "some"}, "columns"),
        ({"max_gap": "0m"}, "max_gap"),
        ({"stores": {"ids": ["nobody"]}}, "stores"),
        ({"stores": {}}, "stores"),
        ({"name": "a\r\nBcc: victim@example.com"}, "name"),
        ({"name": ""}, "name"),
        ({"recipients": ["nobody"]}, "recipients"),
        ({"recipients": ["a@example.com\nBcc: b@example.com"]}, "recipients"),
        ({"recipients": [f"a{n}@example.com" for n in range(51)]}, "recipients"),
        ({"mail_as": "fax"}, "mail_as"),
        ({"next_due_at": "2024-01-01T00:00:00Z"}, "next_due_at"),
    ],
)
@pytest.mark.usefixtures("_mailing")
def test_it_refuses_what_makes_no_schedule(client, values, field):
    answer = create(client, **values)
    assert (answer.status_code, answer.json()["code"]) in REFUSALS
    assert field in answer.json()["detail"]
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("missing", ["EMAIL_URL", "SITE_URL"])
@pytest.mark.usefixtures("_mailing")
def test_it_refuses_recipients_where_no_e_mail_can_be_sent(client, settings, missing):
    setattr(settings, missing, "")
    answer = create(client, recipients=["ops@example.com"])
    assert answer.status_code == 422
    assert mails.UNSET in answer.json()["detail"]


def test_it_deletes_a_schedule_and_keeps_its_reports(client):
    made = create(client).json()
    report = complete()
    run = {"period": "2024-W10", "due_at": NOW, "created_at": NOW, "report": report}
    ScheduledRun.objects.create(schedule_id=made["id"], **run)

    assert client.delete(f"{SCHEDULES}{made['id']}/").status_code == 204

    assert not ScheduledRun.objects.exists()
    report.refresh_from_db()


def test_it_lists_runs_newest_first(client):
    made = create(client).json()
    for week in (9, 10):
        run = {"period": f"2024-W{week:02}", "due_at": NOW.replace(day=week), "created_at": NOW}
        ScheduledRun.objects.create(schedule_id=made["id"], **run)

    listed = client.get(f"{SCHEDULES}{made['id']}/runs/").json()

    assert [run["period"] for run in listed["results"]] == ["2024-W10", "2024-W09"]
    assert listed["results"][0]["status"] == "Waiting"


@pytest.mark.parametrize("path", ["0/", "0/runs/", "x/", f"{10**30}/"])
def test_it_says_that_there_is_no_such_schedule(client, path):
    assert client.get(f"{SCHEDULES}{path}").status_code == 404


@pytest.mark.parametrize("scopes", [[], ["read", "ingest"]])
@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", ""), ("get", "{id}/"), ("patch", "{id}/"), ("delete", "{id}/")],
)
def test_it_is_for_admins_only(client, settings, scopes, method, path):
    made = create(client).json()
    settings.ANONYMOUS_SCOPES = scopes
    answer = getattr(client, method)(f"{SCHEDULES}{path.format(id=made['id'])}")
    assert answer.status_code in {401, 403}
    assert Schedule.objects.count() == 1


# The admin.


@pytest.mark.usefixtures("_mailing")
def test_it_is_made_and_changed_in_the_admin(admin_client):
    mail = {"recipients": "a@example.com\nb@example.com\n", "max_gap": "3h"}
    admin_client.post(f"{ADMIN}add/", {**FORM, **mail, "poller_outages": "unknown"})

    schedule = Schedule.objects.get()
    assert (schedule.created_by, schedule.windows) == ("admin", ["last-week", "24h"])
    assert schedule.poller_outages == "unknown"
    assert schedule.recipients == ["a@example.com", "b@example.com"]
    assert schedule.next_due_at == datetime(2024, 3, 11, 10, 30, tzinfo=UTC)
    page = admin_client.get(f"{ADMIN}{schedule.pk}/change/").content.decode()
    assert "last-week, 24h" in page
    assert "2024-03-11 10:30:00" in page
    admin_client.post(f"{ADMIN}{schedule.pk}/change/", {**FORM, "hour": 7, "recipients": ""})
    changed = Schedule.objects.get()
    assert (changed.next_due_at.hour, changed.recipients, changed.max_gap) == (11, [], None)
    assert "2024-03-11 11:30:00" in admin_client.get(ADMIN).content.decode()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"hour": ""}, "Must be from 0 to 23"),
        ({"day": 3}, "Does not apply"),
        ({"windows": "soon"}, "soon"),
        ({"max_gap": "soon"}, "soon"),
        ({"tag": "nowhere"}, "There is no tag"),
        ({"store_zone": "Mars/Olympus"}, "There is no time zone"),
        ({"store_ids": "nobody"}, "There is no store"),
        ({"recipients": "a@example.com"}, "EMAIL_URL"),
    ],
)
def test_it_says_in_the_admin_what_is_wrong(admin_client, values, reason):
    response = admin_client.post(f"{ADMIN}add/", {**FORM, **values})
    assert response.status_code == 200
    assert reason in response.content.decode()
    assert not Schedule.objects.exists()


def test_it_asks_in_the_admin_which_stores_as_for_a_single_report(admin_client):
    for store_id in ("a", "b"):
        Store.objects.create(store_id=store_id)
    admin_client.post(f"{ADMIN}add/", {**FORM, "store_ids": "b\r\na\r\n"})
    schedule = Schedule.objects.get()
    assert schedule.stores == {"ids": ["a", "b"]}

    page = admin_client.get(f"{ADMIN}{schedule.pk}/change/").content.decode()
    assert ">\na\nb</textarea>" in page
    assert "2 given stores" in admin_client.get(ADMIN).content.decode()
    admin_client.post(f"{ADMIN}{schedule.pk}/change/", FORM)
    assert Schedule.objects.get().stores is None


def test_it_shows_in_the_admin_when_it_runs_next(admin_client):
    admin_client.post(f"{ADMIN}add/", FORM)
    schedule = Schedule.objects.get()
    address = f"{ADMIN}{schedule.pk}/change/"
    page = admin_client.get(address).content.decode()
    # The clocks of New York went forward in the night before the first.
    assert "Mon 2024-03-11 06:30 (2024-03-11 10:30:00 UTC)" in page
    assert "Mon 2024-03-25 06:30" in page
    assert "Mondays at 06:30" in admin_client.get(ADMIN).content.decode()

    admin_client.post(address, {**FORM, "active": ""})
    assert "none, since it is not active" in admin_client.get(address).content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_it_lists_runs_in_the_admin_with_as_many_queries(
    admin_client, django_assert_max_num_queries, count
):
    schedule = services.create_schedule(created_by="a test", name="A", cadence="daily", hour=1)
    for day in range(count):
        run = {"period": str(day), "due_at": NOW, "created_at": NOW, "report": complete()}
        ScheduledRun.objects.create(schedule=schedule, **run)
    with django_assert_max_num_queries(8):
        assert admin_client.get("/admin/schedules/scheduledrun/").status_code == 200
    run = ScheduledRun.objects.first()
    own = admin_client.get(f"/admin/schedules/scheduledrun/{run.pk}/change/").content.decode()
    assert run.report_id.hex[:8] in own
