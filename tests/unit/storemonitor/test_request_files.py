"""The folder in which the processes of a web server count their requests."""

import os
import subprocess
import sys

import pytest

from storemonitor.metrics import folder
from storemonitor.metrics.folder import free_slot, make


def ended_process():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_it_is_for_its_owner_only_and_removes_what_killed_servers_left(tmp_path):
    killed = tmp_path / f"storemonitor-requests-{ended_process()}-x"
    living = tmp_path / f"storemonitor-requests-{os.getppid()}-x"
    other = tmp_path / "something-else"
    for path in (killed, living, other):
        path.mkdir()
        (path / "counter_0.db").touch()
    made = make(tmp_path)
    assert made.stat().st_mode & 0o777 == 0o700
    assert {*tmp_path.iterdir()} == {living, other, made}


@pytest.mark.parametrize(
    ("taken", "slot"), [([], 0), ([0, 1], 2), ([1, 2], 0), ([0, 2], 1), ([2, 0, 1], 3)]
)
def test_it_gives_a_process_the_slot_of_one_that_has_ended(taken, slot):
    assert free_slot(taken) == slot


def test_a_successor_goes_on_counting_in_files_that_need_not_grow(tmp_path, monkeypatch):
    """In processes of their own: the library cannot count in two ways in one."""
    script = (
        "from storemonitor.metrics import folder; folder.count_in(0)\n"
        "from prometheus_client import CollectorRegistry, Counter\n"
        "from prometheus_client.multiprocess import MultiProcessCollector\n"
        "Counter('a', 'A.', registry=None).inc()\n"
        "both = CollectorRegistry(); MultiProcessCollector(both)\n"
        "print(both.get_sample_value('a_total'))\n"
    )
    monkeypatch.setenv(folder.VARIABLE, str(tmp_path))
    run = [subprocess.check_output([sys.executable, "-c", script], text=True) for _ in range(2)]
    assert [each.strip() for each in run] == ["1.0", "2.0"]
    assert {path.stat().st_size for path in tmp_path.iterdir()} == {1024 * 1024}
