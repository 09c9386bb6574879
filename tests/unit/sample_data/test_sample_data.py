import hashlib
import io
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
import time_machine
from django.core.management import CommandError, call_command

from feeds.values import instant
from feeds.zones import known_time_zones
from sample_data.fleet import FILES, HOUR, Sample
from sample_data.random_numbers import Draws
from tests.unit.feeds.reading import read

END = instant("2024-03-13T18:13:22.479220Z")
SUMS = ["9cb84cd9a1700ae4", "5d99685cdd27f8a5", "113a92297317a9bb", "a8319c3362534565"]


def files_of(**changes):
    arguments = {"stores": 400, "days": 8, "seed": 1, "end": END} | changes
    sample = Sample(**arguments)
    parts = (
        sample.status_file(),
        sample.hours_file(),
        sample.time_zones_file(),
        sample.stores_file(),
    )
    return [b"".join(part) for part in parts]


@pytest.fixture(scope="module")
def files():
    return files_of()


@pytest.fixture(scope="module")
def polls(files):
    return read(files[0]).accepted


@pytest.fixture(scope="module")
def hours(files):
    return read(files[1]).accepted


@pytest.fixture(scope="module")
def zones(files):
    return dict(read(files[2]).accepted)


def test_it_makes_the_same_bytes_for_the_same_arguments_for_ever(files):
    # A changed sum is a changed sample: every figure measured on it changes, too.
    sums = [hashlib.sha256(file).hexdigest()[:16] for file in files]
    assert sums == SUMS


def test_it_makes_another_fleet_from_another_seed(files):
    assert all(one != other for one, other in zip(files, files_of(seed=2), strict=True))


def test_it_does_not_depend_on_how_many_stores_are_made_at_once(files, monkeypatch):
    lines = sorted(files[0].splitlines())
    monkeypatch.setattr(
        Sample, "_chunks", lambda self: iter(np.array_split(np.arange(self.stores), 7))
    )
    assert sorted(files_of()[0].splitlines()) == lines


def test_it_makes_files_of_which_no_row_is_rejected(files):
    for file, feed in zip(files, ("status", "hours", "timezones", "stores"), strict=True):
        everything = read(file)
        assert everything.feed == feed
        assert everything.rejected == []


def test_it_polls_up_to_the_end_and_not_beyond(polls):
    instants = [at for _, _, at in polls]
    assert max(instants) == END
    assert min(instants) > END - 8 * 86_400_000_000
    assert min(instants) < END - 7 * 86_400_000_000


def test_it_polls_most_stores_hourly_some_twice_some_once_and_some_never(polls, hours, zones):
    counts = Counter(store_id for store_id, _, _ in polls)
    everybody = set(counts) | {row[0] for row in hours} | set(zones)
    assert len(everybody) == 400
    assert 4 <= len(everybody - set(counts)) <= 20
    assert 1 <= sum(count <= 2 for count in counts.values()) <= 12
    assert 30 <= sum(count > 200 for count in counts.values()) <= 75
    assert 110 <= sorted(counts.values())[200] <= 140


def test_it_writes_all_active_rows_before_the_inactive_ones(polls):
    statuses = [status for _, status, _ in polls]
    assert statuses == sorted(statuses, reverse=True)
    assert 0.65 < sum(statuses) / len(statuses) < 0.9


def test_it_repeats_some_rows_and_corrects_some_later(polls):
    times = Counter(polls)
    assert any(count == 2 for count in times.values())
    instants = Counter((store_id, at) for store_id, _, at in times)
    assert any(count == 2 for count in instants.values())


def test_it_writes_fractions_as_the_real_files_do(files):
    instants = [line.split(b",")[2] for line in files[0].splitlines()[1:]]
    assert not any(text.endswith((b"0 UTC", b". UTC")) for text in instants if b"." in text)
    lengths = Counter(len(text) for text in instants)
    assert lengths[len("2024-03-13 18:13:22 UTC")] > 0
    assert lengths.most_common(1)[0][0] == len("2024-03-13 18:13:22.479221 UTC")


def test_it_leaves_the_poller_silent_for_everybody_for_a_day_and_a_half(polls):
    instants = np.sort(np.array([at for _, _, at in polls]))
    gaps = np.sort(np.diff(instants))[::-1] / 3_600_000_000
    assert 36 < gaps[0] < 38
    assert 8 < gaps[1] < 12


def test_it_has_outages_from_minutes_to_days(polls):
    runs = Counter()
    by_store = {}
    for store_id, status, at in polls:
        by_store.setdefault(store_id, {})[at] = status
    for seen in by_store.values():
        length = 0
        for _, status in sorted(seen.items()):
            runs[length] += status == 1 and length > 0
            length = 0 if status else length + 1
    assert runs[1] > 50
    assert sum(count for length, count in runs.items() if length > 24) > 20


def test_it_leaves_some_stores_without_hours_and_some_without_a_zone(polls, hours, zones):
    everybody = {row[0] for row in polls} | {row[0] for row in hours} | set(zones)
    assert 40 <= len(everybody - {row[0] for row in hours}) <= 120
    assert 8 <= len(everybody - set(zones)) <= 40


def test_it_names_and_tags_most_stores_and_no_others(files, polls, hours, zones):
    called = {store_id: (name, tags.split(";")) for store_id, name, tags in read(files[3]).accepted}
    everybody = {row[0] for row in polls} | {row[0] for row in hours} | set(zones)
    assert set(called) <= everybody
    assert 15 <= len(everybody - set(called)) <= 60
    assert len({name for name, _ in called.values()}) > 150
    assert sum("#" in name for name, _ in called.values()) > 10
    tags = Counter(tag for _, tags in called.values() for tag in tags)
    assert tags["franchise"] > 150
    assert len(tags) == 8


def test_it_has_ids_of_both_editions(zones):
    uuids = [store_id for store_id in zones if len(store_id) == 36]
    integers = [int(store_id) for store_id in zones if store_id.isdigit()]
    assert len(uuids) + len(integers) == len(zones)
    assert 2 <= len(uuids) <= 20
    assert all(10**14 < number < 2**63 for number in integers)


def test_it_has_zones_with_half_hours_and_one_of_the_south(zones):
    names = {known_time_zones()[index] for index in zones.values()}
    assert {"America/New_York", "America/Chicago", "Asia/Kolkata"} <= names
    assert {"Australia/Adelaide", "Australia/Sydney", "America/Santiago"} & names


def test_it_writes_hours_in_every_way_of_the_real_files(files, hours):
    text = files[1]
    assert b",23:59:00\n" in text
    assert b",23:59:59\n" in text
    per_day = Counter((store_id, day) for store_id, day, _, _ in set(hours))
    assert set(per_day.values()) >= {1, 2}
    weekdays = {}
    for store_id, day, _, _ in hours:
        weekdays.setdefault(store_id, set()).add(day)
    assert 20 <= sum(len(days) < 7 for days in weekdays.values()) <= 120
    assert len(hours) > len(set(hours))
    starts = {(store_id, day) for store_id, day, opens, _ in hours if opens == 0}
    late = {(s, d) for s, d, _, closes in hours if closes >= 86_340_000_000}
    assert any((store_id, (day + 1) % 7) in starts for store_id, day in late)


def test_it_draws_evenly_and_anew_for_each_label():
    draws = Draws(3)
    numbers = draws.below(10, "one", np.arange(100_000))
    assert np.bincount(numbers).min() > 9_700
    assert (numbers == draws.below(10, "one", np.arange(100_000))).all()
    assert 0.09 < (numbers == draws.below(10, "other", np.arange(100_000))).mean() < 0.11


@pytest.mark.parametrize("hours", [1, 13, 24, 24_000])
def test_it_says_the_same_of_each_hour_before_whatever_end(files, hours):
    later = files_of(end=END + hours * HOUR)
    assert later[1:] == files[1:]
    moved = [(store, status, at + hours * HOUR) for store, status, at in read(files[0]).accepted]
    assert read(later[0]).accepted == moved


def test_the_command_writes_the_files_again_and_again(tmp_path):
    folder = tmp_path / "new" / "folder"
    for _ in range(2):
        made(folder, until="2024-03-13T18:13:22.479220Z")
        assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert newest(folder) == "2024-03-13T18:13:22.479220+00:00"


@time_machine.travel("2026-07-01T20:59:59.999Z", tick=False)
def test_the_command_ends_at_the_present_hour(tmp_path):
    made(tmp_path)
    assert newest(tmp_path) == "2026-07-01T20:00:00+00:00"


def made(folder, **options):
    call_command("sample_data", folder, stores=5, days=1, stdout=io.StringIO(), **options)


def newest(folder):
    at = max(at for _, _, at in read((folder / FILES[0]).read_bytes()).accepted)
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat()


def test_the_command_leaves_other_peoples_files_alone(tmp_path):
    (tmp_path / "store_status.csv").write_text("mine")
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CommandError, match=r"contains other files \(thesis\.txt\)"):
        call_command("sample_data", tmp_path, stores=5)
    assert (tmp_path / "store_status.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"stores": 0}, "at least 1"),
        ({"days": 0}, "at least 1"),
        ({"until": "tomorrow"}, "--until tomorrow is not an instant"),
        ({"days": 20_000}, "beyond the year 2000"),
    ],
)
def test_the_command_says_what_it_cannot_make(options, reason, tmp_path):
    with pytest.raises(CommandError, match=reason):
        call_command("sample_data", tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()
