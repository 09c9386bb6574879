"""Snapshots: made once for each version of the data, equal to reports, replaced and found again."""

from datetime import time, timedelta
from unittest.mock import patch

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, OperationalError

from dashboard import tasks
from dashboard.models import FleetSnapshot
from dashboard.snapshots import computing, retention, services
from dashboard.snapshots.reading import current_snapshot
from fleet.extent import note_pruned
from fleet.models import Store
from reports.build.selectors import load_fleet
from reports.maintenance_tasks import remove_orphans
from tests.database.dashboard.fleets import NOON, add_store, take_snapshot
from uptime import summarise
from uptime.state.now import STATES

pytestmark = pytest.mark.django_db(transaction=True)

DAY = (time(9), time(17))


def fleet():
    add_store("b", "1" * 30, tags=["north", "airport"], name="B & <b>")
    add_store("a", "1" * 20 + "0" * 10, hours=[DAY], zone="America/New_York", tags=["north"])
    add_store("c", "0" * 25 + "-----", zone="Asia/Kolkata")
    add_store("d", zone=None)


def rows():
    return FleetSnapshot.objects.order_by("id").values_list("status", flat=True)


def test_its_numbers_are_those_of_a_report():
    fleet()
    snapshot = take_snapshot()
    question = computing.asked(NOON)
    report = summarise(load_fleet(start=question.first_poll, end=question.as_of), question)
    assert snapshot.texts("store_id").to_pylist() == ["a", "b", "c", "d"]
    for place, window in enumerate(("hour", "day", "week")):
        for measure in ("up", "down", "unknown", "open"):
            found = snapshot.column(f"{measure} {window}")
            assert (found == getattr(report, measure)[place]).all()
        for measure in ("covered", "longest_gap", "least_up", "most_up", "margin"):
            found = snapshot.column(f"{measure} {window}")
            assert (found == getattr(report.quality, measure)[place]).all()
    sums = np.array([[z["up"], z["down"], z["unknown"]] for z in snapshot.head.zones.values()])
    whole = [getattr(report, name)[2].sum() for name in ("up", "down", "unknown")]
    assert sums.sum(axis=(0, 2)).tolist() == whole


def test_it_knows_each_store():
    fleet()
    snapshot = take_snapshot()
    assert snapshot.as_of == NOON
    assert snapshot.head.near == 3 * 3_600_000_000
    # At seven in the morning of New York the store is closed; the third was not seen for six hours.
    assert snapshot.column("state").tolist() == [0, 2, 1, 1]
    assert snapshot.texts("name").to_pylist() == ["", "B & <b>", "", ""]
    assert {name: rows.tolist() for name, rows in snapshot.tags.items()} == {
        "airport": [1],
        "north": [0, 1],
    }
    assert snapshot.column("last_active").tolist() == [0, 1, 0, -1]
    assert snapshot.row_of("c") == 2
    assert snapshot.row_of("nobody") is None


def test_each_hour_is_a_byte():
    add_store("up", "1" * 200)
    add_store("down", "0" * 200)
    add_store("half", "1" * 199 + "0")
    add_store("unknown")
    add_store("closed", "1" * 200, hours=[(time(9), time(10))])
    cells = take_snapshot().cells
    assert cells.shape == (5, 168)
    ids = ["closed", "down", "half", "unknown", "up"]
    last = dict(zip(ids, cells[:, -1].tolist(), strict=True))
    assert last == {"closed": 0, "down": 255, "half": 3 + 126, "unknown": 2, "up": 3}
    assert (cells[1] == 255).all()
    assert np.count_nonzero(cells[0]) == 7


def test_ranges_of_stores_make_the_same(settings):
    for number in range(7):
        add_store(f"s{number}", "1" * (number + 3) + "0" * number)
    whole = take_snapshot().table
    settings.REPORT_SHARD_POLLS = 10
    Store.objects.filter(store_id="s0").update(name="")  # Another version of the same data.
    FleetSnapshot.objects.update(started_at=NOON, finished_at=NOON)
    assert take_snapshot().table.equals(whole)


def test_a_store_that_is_deleted_meanwhile_is_left_out(monkeypatch):
    add_store("a", "1" * 200)
    add_store("b", "0" * 200)
    add_store("c", "1" * 200)
    known = computing.facts

    def later():
        Store.objects.filter(store_id="a").delete()
        return known()

    monkeypatch.setattr(computing, "facts", later)
    snapshot = take_snapshot()
    assert snapshot.column("store_id").tolist() == ["b", "c"]
    assert snapshot.column("state").tolist() == [STATES.index("down"), STATES.index("up")]


def test_one_is_made_for_each_version():
    fleet()
    assert len(services.sweep()) == 1
    assert services.sweep() == []
    services.take(FleetSnapshot.objects.get().pk)
    services.want_next()
    assert list(rows()) == ["Complete"]
    add_store("new", "1")
    FleetSnapshot.objects.update(started_at=NOON, finished_at=NOON)
    services.want_next()
    services.want_next()
    assert list(rows()) == ["Complete", "Queued"]


def test_a_burst_of_changes_waits(clock):
    fleet()
    take_snapshot()
    now = FleetSnapshot.objects.get().finished_at
    FleetSnapshot.objects.update(started_at=now - timedelta(seconds=5))
    add_store("new", "1")
    clock.move_to(now + timedelta(seconds=19))
    services.want_next()
    assert list(rows()) == ["Complete"]
    clock.move_to(now + timedelta(seconds=21))
    services.want_next()
    assert list(rows()) == ["Complete", "Queued"]


def test_the_database_accepts_one_that_waits():
    FleetSnapshot.objects.create(data_version=1, fingerprint="")
    with pytest.raises(IntegrityError):
        FleetSnapshot.objects.create(data_version=2, fingerprint="")


def test_nothing_is_made_of_no_polls():
    services.want_next()
    Store.objects.create(store_id="a")
    services.want_next()
    assert not FleetSnapshot.objects.exists()
    assert current_snapshot() is None


def test_it_is_made_again_if_its_file_is_gone(caplog):
    fleet()
    snapshot = take_snapshot()
    default_storage.delete(FleetSnapshot.objects.get().file.name)
    services.want_next()
    assert "is gone" in caplog.text
    again = take_snapshot_waiting()
    assert again.number > snapshot.number


def take_snapshot_waiting():
    services.take(FleetSnapshot.objects.get(status="Queued").pk)
    return current_snapshot()


def test_two_are_kept_with_their_files():
    fleet()
    for number in range(4):
        take_snapshot()
        FleetSnapshot.objects.filter(status="Complete").update(started_at=NOON, finished_at=NOON)
        add_store(f"new{number}", "1")
    assert list(rows()) == ["Complete", "Complete"]
    _, files = default_storage.listdir("snapshots")
    assert len(files) == 2


def test_a_passing_error_leaves_it_to_a_later_attempt():
    fleet()
    services.want_next()
    pk = FleetSnapshot.objects.get().pk
    with (
        patch.object(services, "compute", side_effect=OperationalError("gone")),
        pytest.raises(OperationalError),
    ):
        services.take(pk)
    row = FleetSnapshot.objects.get()
    assert (row.status, row.faults) == ("Running", 1)
    assert row.due_at is not None


def test_another_error_fails_it_until_the_data_changes_or_ten_minutes_later(clock):
    fleet()
    services.want_next()
    with (
        patch.object(services, "compute", side_effect=RuntimeError("odd")),
        pytest.raises(RuntimeError),
    ):
        services.take(FleetSnapshot.objects.get().pk)
    assert list(rows()) == ["Failed"]
    services.want_next()
    assert list(rows()) == ["Failed"]
    clock.move_to(FleetSnapshot.objects.get().finished_at + timedelta(minutes=11))
    services.want_next()
    assert list(rows()) == ["Failed", "Queued"]


def test_the_sweep_queues_it_and_gives_up_one_whose_workers_die():
    fleet()
    with patch.object(tasks.take_snapshot, "apply_async") as sent:
        assert tasks.sweep() == 1
    sent.assert_called_once_with(args=[FleetSnapshot.objects.get().pk], task_id=None)
    FleetSnapshot.objects.update(
        status="Running", attempts=3, attempts_allowed=3, lease_expires_at=NOON
    )
    services.sweep()
    row = FleetSnapshot.objects.get(status="Failed")
    assert "the worker died" in row.error


def test_files_without_a_row_are_removed_once_they_are_old(clock):
    fleet()
    take_snapshot()
    name = FleetSnapshot.objects.get().file.name
    FleetSnapshot.objects.all().delete()
    remove_orphans()
    assert default_storage.exists(name)
    clock.move_to(default_storage.get_modified_time(name) + timedelta(days=2))
    remove_orphans()
    assert not default_storage.exists(name)
    retention.remove_orphans(NOON)  # An empty folder is no error.


def test_polls_that_were_pruned_fail_it_with_the_reason():
    fleet()
    note_pruned(NOON - timedelta(days=7))
    services.want_next()
    with pytest.raises(Exception, match="pruned"):
        services.take(FleetSnapshot.objects.get().pk)
    assert "pruned" in FleetSnapshot.objects.get().error
