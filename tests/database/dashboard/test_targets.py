"""Targets on the board and on a store's page, from the snapshot."""

import re
from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.db.models import F

from dashboard.models import FleetSnapshot
from dashboard.targets import LISTED, judged_in, of_board, of_store
from targets.services import create_target
from tests.database.dashboard.fleets import add_store, take_snapshot

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000


def set_target(name, scope, percentage, *windows):
    create_target(
        created_by="a test",
        name=name,
        scope=scope,
        percentage=Decimal(percentage),
        windows=list(windows),
    )


def fleet():
    add_store("up", "1" * 48, tags=["north"])
    add_store("missed", "0" * 24 + "1" * 24, name="Corner <Shop>")
    add_store("worse", "0" * 47 + "1")
    add_store("doubtful", "1" * 10 + "0" + "1" * 37)
    add_store("never", hours=[(time(9), time(17))])


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_board_lists_only_the_bad_the_worst_first(client):
    fleet()
    set_target("All", "fleet", "98", "48h")
    board = of_board(take_snapshot())
    assert {name: board[name] for name in ("met", "missed", "cannot_be_told", "bad")} == {
        "met": 1,
        "missed": 2,
        "cannot_be_told": 2,
        "bad": 4,
    }
    found = [(one["store_id"], one["verdict"]) for one in board["worst"]]
    assert found == [
        ("worse", "missed"),
        ("missed", "missed"),
        ("doubtful", "cannot be told"),
        ("never", "cannot be told"),
    ]
    page = text(client.get("/"))
    assert "1 met, 2 missed, 2 cannot be told, of which 1 are at risk" in page
    assert "Corner &lt;Shop&gt; 98.00 % in 2d missed" in page


def test_a_store_shows_its_targets_with_budget(client):
    fleet()
    set_target("All", "fleet", "98", "48h", "today")
    set_target("North", "tag:north", "50", "48h")
    snapshot = take_snapshot()
    assert [one["target"].name for one in of_store(snapshot, "up")] == ["North", "All"]
    (row, _) = of_store(snapshot, "missed")
    assert (row["budget"], row["spent"], row["left"]) == (
        48 * HOUR * 2 // 100,
        47 * HOUR // 2 + HOUR,
        "23 h 32 min over",
    )
    page = text(client.get("/stores/missed/"))
    assert "98.00 % in 2d: All missed 48.95" in page
    assert "23 h 32 min over 25.52" in page
    assert "targets-title" not in client.get("/stores/nobody/").content.decode()


def test_windows_longer_than_a_week_read_earlier_polls(settings):
    add_store("old", "0" * 24 * 12 + "1" * 24 * 10)
    set_target("All", "fleet", "98", "21d")
    settings.REPORT_SHARD_POLLS = 1
    (row,) = of_store(take_snapshot(), "old")
    assert (row["verdict"], row["open"]) == ("missed", 21 * 24 * HOUR)
    assert 10 * 24 * HOUR < row["spent"] < 12 * 24 * HOUR


def test_pages_need_no_target(client):
    fleet()
    assert of_board(take_snapshot()) is None
    assert "Targets" not in text(client.get("/"))
    assert "Targets" not in text(client.get("/stores/up/"))


def test_polls_that_are_not_kept_do_not_hold_up_the_rest(client, settings):
    settings.PRUNE_KEEP = timedelta(days=10**4)
    fleet()
    set_target("All", "fleet", "98", "48h")
    settings.PRUNE_KEEP = timedelta(days=1)
    snapshot = take_snapshot()
    assert judged_in(snapshot) is None
    assert of_store(snapshot, "up") == []
    assert "Targets cannot be judged: Polls are kept for 24h" in text(client.get("/"))


def test_the_next_snapshot_follows_a_change_of_a_target():
    fleet()
    first = take_snapshot()
    FleetSnapshot.objects.update(started_at=F("finished_at"))  # Then the next need not wait.
    set_target("All", "fleet", "98", "48h")
    second = take_snapshot()
    assert (of_board(first), of_board(second)["missed"]) == (None, 2)


def test_the_board_names_a_few(client):
    for number in range(LISTED + 2):
        add_store(f"s{number:02}", "0" * 30)
    set_target("All", "fleet", "98", "24h")
    take_snapshot()
    assert f"{LISTED} of {LISTED + 2}." in text(client.get("/"))
