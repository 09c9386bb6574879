"""Dispute packs: whoever gets one computes the same rows with ``./run report``."""

import hashlib
import io
import json
import re
import shlex
import zipfile
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command

from fleet.extent import note_pruned
from fleet.models import SpecialDay, Store, Tag
from reports.build.services import build_report
from reports.models import Report
from reports.offline import command as offline
from reports.request.parameters import parameters
from reports.request.requesting import request_report
from tests.database.answers import queued
from tests.database.files import (
    ingest_hours,
    ingest_polls,
    ingest_special_days,
    ingest_stores,
    ingest_time_zones,
)
from tests.database.fleet.exclusions import SUNDAYS, made
from tests.unit.uptime.notation import at
from uptime.instants import from_microseconds

pytestmark = pytest.mark.django_db(transaction=True)
# No zone or hours; a formula; to be quoted; never polled; with nothing but a name.
HOSTILE = ["bare", "=1+1", 'a "b", c', "-never", "'named"]


@pytest.fixture
def fleet():
    ingest_polls(
        "bare,inactive,2024-03-01 00:00:00 UTC",
        "bare,active,2024-03-08 23:59:59.999999 UTC",
        "=1+1,active,2024-03-09 12:00:00.000001 UTC",
        "=1+1,inactive,2024-03-10 07:00:00.5 UTC",
        "=1+1,active,2024-03-10 23:00:00 UTC",
        '"a ""b"", c",active,2024-03-05 15:00:00 UTC',
        '"a ""b"", c",inactive,2024-03-06 03:10:00.123456 UTC',
        '"a ""b"", c",inactive,2024-03-07 15:10:00.123456 UTC',
        "other,active,2024-03-13 18:13:22.479220 UTC",
    )
    ingest_hours(
        *(f'"a ""b"", c",{day},09:00,17:00' for day in range(5)),
        '"a ""b"", c",5,20:00,02:30',
        "=1+1,6,00:00:00,23:59:59",
        "=1+1,0,22:00,22:00",
        "-never,2,23:59,00:00:00.000001",
        "other,0,09:00,10:00",
    )
    ingest_time_zones("=1+1,America/New_York", '"a ""b"", c",Asia/Kolkata', "-never,UTC")
    ingest_stores("'named,Maple; Street,airport;franchise")
    ingest_special_days(
        "=1+1,2024-03-10,06:00,24:00,Daylight saving",
        "=1+1,2024-03-09,,,",
        '"a ""b"", c",2024-03-06,,,"Holi, early"',
        "bare,2024-03-11,22:00:00.000001,02:00,",
    )
    for day, tag in ((12, None), (7, Tag.objects.get(name="airport"))):
        SpecialDay.objects.create(date=date(2024, 3, day), tag=tag, made_by="a test")


def complete(**wanted):
    report = request_report(requested_by="a test", wanted=parameters(**wanted)).report
    return build_report(report.pk)


def address(report):
    return f"/api/v1/reports/{report.pk}/dispute_pack"


def sent(client, report, *stores):
    answer = client.get(address(report), {"store": stores})
    assert answer.status_code == 200, answer.content
    return answer.getvalue()


def files_of(pack):
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def command_in(readme):
    """The arguments of the command that README.txt gives, after PACK, and its environment."""
    [line] = re.findall(r"^    (.*\./run report PACK .*--windows.*)$", readme, re.MULTILINE)
    words = shlex.split(line)
    start = words.index("./run")
    return words[start + 3 :], dict(word.split("=") for word in words[:start])


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"columns": "full"},
        {"columns": "full", "windows": ["90m", "yesterday", "2024-03"], "max_gap": None},
    ],
)
def test_the_other_side_gets_the_same_rows(
    client, fleet, tmp_path, monkeypatch, capfdbinary, wanted
):
    report = complete(**wanted)
    of_report = client.get(f"/download_report?report_id={report.pk}").getvalue().splitlines()
    for number, stores in enumerate([HOSTILE, HOSTILE, *([one] for one in HOSTILE)]):
        files = files_of(pack := sent(client, report, *stores))
        place = tmp_path / str(number)
        if number % 2:
            zipfile.ZipFile(io.BytesIO(pack)).extractall(place)
        else:
            place.write_bytes(pack)
        arguments, environment = command_in(files["README.txt"].decode())
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        stamp = tmp_path / "stamp.json"
        assert offline.main([str(place), *arguments, "--stamp", str(stamp)]) == 0

        out, err = capfdbinary.readouterr()
        packed = json.loads(files["stamp.json"])["pack"]
        assert json.loads(stamp.read_text())["data"] == packed["data"]
        assert err.decode() == ""
        assert out == files["report.txt"]
        assert set(out.splitlines()) <= set(of_report)
        assert len(out.splitlines()) == len(stores) + 1


def test_it_has_the_excluded_time_with_its_reason(
    client, fleet, tmp_path, monkeypatch, capfdbinary
):
    newest = datetime(2024, 3, 13, 18, 13, 22, 479220, UTC)
    there = {"starts_at": newest - timedelta(days=5), "ends_at": newest - timedelta(days=4)}
    made(scope="store", store=Store.objects.get(store_id="=1+1"), **there, reason="Tills, new")
    made(**{**SUNDAYS, "rule": "FREQ=DAILY", "start_time": time(15)}, reason="Every day")
    # The years that the API takes; no file may have them all.
    for_ever = {"starts_at": datetime(1970, 1, 1, tzinfo=UTC)}
    for_ever["ends_at"] = datetime(2199, 12, 31, tzinfo=UTC)
    made(scope="store", store=Store.objects.get(store_id=HOSTILE[-1]), **for_ever)
    report = complete(columns="full")
    files = files_of(pack := sent(client, report, *HOSTILE))
    rows = files["exclusions.txt"].decode().splitlines()
    assert '=1+1,2024-03-08 18:13:22.479220 UTC,2024-03-09 18:13:22.479220 UTC,"Tills, new"' in rows
    assert sum("Every day" in row for row in rows) == 8 * len(HOSTILE)
    zipfile.ZipFile(io.BytesIO(pack)).extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    arguments, environment = command_in(files["README.txt"].decode())
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert offline.main([".", *arguments]) == 0

    out, _ = capfdbinary.readouterr()
    assert out == files["report.txt"]


def test_it_follows_the_settings_and_the_limit(client, fleet, tmp_path, settings, monkeypatch):
    settings.UPTIME_LOOK_BACK = from_microseconds(0) - from_microseconds(-3 * 3_600_000_000)
    settings.UPTIME_FRESH = settings.UPTIME_LOOK_BACK / 2
    gap = settings.UPTIME_LOOK_BACK * 2
    files = files_of(sent(client, complete(columns="full", max_gap=gap), "=1+1"))
    arguments, environment = command_in(files["README.txt"].decode())
    assert environment == {"UPTIME_FRESH_MINUTES": "90"}
    assert arguments[arguments.index("--look-back") + 1] == "3"
    assert arguments[arguments.index("--max-gap") + 1] == "6h"
    stamp = json.loads(files["stamp.json"])["stamp"]
    assert stamp["policy"]["max_gap_us"] == 6 * 3_600_000_000


def test_its_bytes_depend_on_nothing_else(client, fleet, tmp_path):
    report = complete()
    pack = sent(client, report, *HOSTILE)
    assert sent(client, report, *reversed(HOSTILE), HOSTILE[0]) == pack
    target = tmp_path / "pack.zip"
    chosen = [f"--store={store}" for store in HOSTILE[1:]]
    call_command("dispute_pack", str(report.pk), "--stores=bare", *chosen, "-o", str(target))
    assert target.read_bytes() == pack
    files = files_of(pack)
    sums = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "SHA256SUMS"
    }


def test_its_stamp_says_by_what_the_report_was_made(client, fleet):
    report = complete()
    files = files_of(sent(client, report, "bare"))
    told = json.loads(files["stamp.json"])
    assert (told["report"], told["sha256"]) == (str(report.pk), report.sha256)
    assert told["stamp"] == report.stamp
    assert told["pack"]["data"]["polls"]["rows"] == 1
    # Only the polls of this store, without the one long before the look-back.
    assert files["polls.csv"].decode().splitlines()[1:] == [
        "bare,active,2024-03-08 23:59:59.999999 UTC"
    ]
    assert "business_hours.csv" not in files


def test_of_a_report_from_before_the_upgrade_it_says_that_there_is_no_stamp(client, fleet):
    report = complete()
    Report.objects.update(stamp=None)
    files = files_of(sent(client, report, "bare"))
    assert json.loads(files["stamp.json"])["stamp"] is None
    assert "The report has no stamp: it was made before reports kept one" in (
        files["README.txt"].decode()
    )


def test_it_refuses_data_that_no_longer_give_the_numbers(client, fleet):
    report = complete()
    ingest_polls("bare,inactive,2024-03-09 00:00:00 UTC")
    answer = client.get(address(report), {"store": ["bare", "=1+1"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "data_changed")
    assert "1 no longer have the numbers in it (bare)" in answer.json()["detail"]
    assert sent(client, report, "=1+1")
    with pytest.raises(CommandError, match="have changed since the report"):
        call_command("dispute_pack", str(report.pk), "--stores=bare", "-o", "pack.zip")


def test_it_refuses_what_a_few_stores_cannot_show(client, fleet):
    answer = client.get(address(complete(poller_outages="unknown")), {"store": ["bare"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "data_changed")
    assert "Request it with poller_outages=fill" in answer.json()["detail"]


def test_it_refuses_polls_that_are_gone(client, fleet):
    report = complete()
    note_pruned(from_microseconds(at("2024-03-12 00:00")))
    answer = client.get(address(report), {"store": "bare"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "store")


@pytest.mark.parametrize(
    ("stores", "status"),
    [([], 400), (["nobody"], 422), (list("xxabc"), 422), (["a\0b"], 422), (["bare"] * 21, 400)],
)
def test_it_names_stores_that_it_cannot_take(client, fleet, stores, status):
    answer = client.get(address(complete()), {"store": stores})
    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == ["store"]


def test_it_needs_a_complete_report(client, fleet, tmp_path):
    report = queued()
    assert client.get(address(report), {"store": "bare"}).json()["code"] == "report_running"
    for missing, message in [(str(report.pk), "is Queued; a pack needs"), ("soon", "id of a")]:
        with pytest.raises(CommandError, match=message):
            call_command("dispute_pack", missing, "--stores=bare", "-o", str(tmp_path / "a"))
    assert client.get("/api/v1/reports/nothing/dispute_pack", {"store": "a"}).status_code == 400


def test_it_says_where_it_cannot_write(fleet, tmp_path):
    place = tmp_path / "nowhere" / "pack.zip"
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        call_command("dispute_pack", str(complete().pk), "--stores=bare", "-o", str(place))


def test_the_page_of_a_report_links_to_the_pack_of_each_row(client, fleet):
    report = complete()
    html = client.get(f"/reports/{report.pk}/").content.decode()
    links = re.findall(r'href="(/api/v1/reports/[^"]*/dispute_pack/\?store=[^"]*)"', html)
    assert len(links) == len(HOSTILE) + 1
    for link in links:
        assert client.get(link).status_code == 200
