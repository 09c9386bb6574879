import errno
import os
import re
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from storemonitor.launch import supervisor as supervisor_module
from storemonitor.launch.supervisor import GaveUp, Patience, Service, Supervisor, describe_end

QUICK = Patience(quick=30.0, pause=0.01, quick_ends=3, grace=0.5)


def service(folder, *, python):
    """Return a service that runs some lines of Python."""
    return Service(
        name="thing", argv=(sys.executable, "-u", "-c", python), log=folder / "thing.log"
    )


def step_until(supervisor, question, seconds=20.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        supervisor.step()
        if answer := question():
            return answer
        time.sleep(0.01)
    raise AssertionError(f"not after {seconds} s")


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def exists(process):
    """Return whether a process is there and no zombie that waits for its parent."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_starts_a_service_again_when_it_was_killed(tmp_path):
    # In one piece: killed between a number and its newline, it would leave half a line.
    python = "import os, time; os.write(1, b'%d\\n' % os.getpid()); time.sleep(60)"
    sleeper = service(tmp_path, python=python)
    with Supervisor([sleeper], patience=QUICK) as supervisor:
        step_until(supervisor, lambda: len(lines(sleeper.log)) == 1)
        os.kill(supervisor.children[0].group, signal.SIGKILL)
        step_until(supervisor, lambda: len(lines(sleeper.log)) == 2)
        first, second = lines(sleeper.log)
        assert first != second
        assert second == str(supervisor.children[0].group)


def test_it_gives_up_on_a_service_that_ends_at_once_each_time(tmp_path):
    broken = service(tmp_path, python="print('no such thing'); raise SystemExit(7)")
    with (
        pytest.raises(GaveUp, match=r"(?s)thing ended with exit code 7, 3 times.*no such thing"),
        Supervisor([broken], patience=QUICK) as supervisor,
    ):
        step_until(supervisor, lambda: False)
    assert lines(broken.log) == ["no such thing"] * 3


def test_it_keeps_trying_a_service_that_was_well_and_says_why_while_the_others_go_on(
    tmp_path, caplog
):
    patience = Patience(quick=0.3, pause=0.01, longest_pause=0.02, quick_ends=2, grace=0.5)
    mark = tmp_path / "broken"
    python = f"""
import os, time
while not os.path.exists({str(mark)!r}): time.sleep(0.01)
print("no room")
1 / 0
"""
    thing = service(tmp_path, python=python)
    other = replace(
        service(tmp_path, python="import time; time.sleep(60)"), name="other", log=tmp_path / "o"
    )
    with Supervisor([thing, other], patience=patience) as supervisor:
        step_until(supervisor, lambda: supervisor.children[0].group)
        first, others = supervisor.children[0].group, supervisor.children[1].group
        started = time.monotonic()
        step_until(supervisor, lambda: time.monotonic() > started + 0.4)
        mark.touch()
        os.kill(first, signal.SIGKILL)
        step_until(supervisor, lambda: lines(thing.log).count("no room") >= 5)
        assert supervisor.children[1].group == others
        assert f"see its log, {thing.log}: ZeroDivisionError" in caplog.text
        mark.unlink()
        step_until(supervisor, lambda: (group := supervisor.children[0].group) and exists(group))
    pauses = [float(number) for number in re.findall(r"restarting it in ([\d.]+) s", caplog.text)]
    assert max(pauses) <= 0.1


def test_it_says_that_the_disk_is_full(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    broken = service(tmp_path, python="raise SystemExit(1)")
    patience = Patience(quick=30.0, pause=0.01, quick_ends=9, grace=0.5)
    with Supervisor([broken], patience=patience) as supervisor:
        step_until(supervisor, lambda: "Free some space" in caplog.text)
    assert f"the disk of {tmp_path} is full" in caplog.text


def test_it_makes_the_folder_of_the_logs_again(tmp_path):
    log = tmp_path / "log" / "thing.log"
    sleeper = replace(service(tmp_path, python="import time; time.sleep(60)"), log=log)
    with Supervisor([sleeper], patience=QUICK) as supervisor:
        step_until(supervisor, lambda: supervisor.children[0].group)
        shutil.rmtree(log.parent)
        supervisor.step()
        os.kill(supervisor.children[0].group, signal.SIGKILL)
        step_until(supervisor, log.exists)


def test_it_makes_room_where_the_disk_is_too_full_to_keep_older_lines(
    tmp_path, monkeypatch, caplog
):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(supervisor_module, "MAX_LOG_BYTES", 1000)
    monkeypatch.setattr(shutil, "copyfile", full)
    sleeper = service(tmp_path, python="import time; print('x' * 2000); time.sleep(60)")
    with Supervisor([sleeper], patience=QUICK) as supervisor:
        step_until(supervisor, lambda: "older lines" in caplog.text)
        assert sleeper.log.stat().st_size == 0


def test_it_forgives_ends_that_were_not_quick(tmp_path):
    patience = Patience(quick=0.0, pause=0.01, quick_ends=3, grace=0.5)
    short = service(tmp_path, python="print('done')")
    with Supervisor([short], patience=patience) as supervisor:
        step_until(supervisor, lambda: len(lines(short.log)) == 5)


def test_it_waits_longer_after_each_quick_end(tmp_path):
    patience = Patience(quick=30.0, pause=0.2, quick_ends=9, grace=0.5)
    short = service(tmp_path, python="import time; print(time.monotonic())")
    with Supervisor([short], patience=patience) as supervisor:
        step_until(supervisor, lambda: len(lines(short.log)) == 4)
    first, second, third, fourth = map(float, lines(short.log))
    assert second - first >= 0.2
    assert third - second >= 0.4
    assert fourth - third >= 0.8


PARENT = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), child.pid)
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_it_ends_even_services_that_will_not_and_their_children(tmp_path):
    stubborn = service(tmp_path, python=PARENT)
    with Supervisor([stubborn], patience=QUICK) as supervisor:
        [line] = step_until(supervisor, lambda: lines(stubborn.log))
        processes = [int(word) for word in line.split()]
        assert all(map(exists, processes))
    deadline = time.monotonic() + 5
    while any(map(exists, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(exists, processes))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_it_ends_the_children_of_a_killed_service_before_starting_it_again(tmp_path):
    parent = service(tmp_path, python=PARENT)
    with Supervisor([parent], patience=QUICK) as supervisor:
        [line] = step_until(supervisor, lambda: lines(parent.log))
        leader, child = map(int, line.split())
        os.kill(leader, signal.SIGKILL)
        step_until(supervisor, lambda: len(lines(parent.log)) == 2)
        assert not exists(child)


def test_it_keeps_logs_short(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor_module, "MAX_LOG_BYTES", 1000)
    talker = service(tmp_path, python="import time\nwhile True: print('x' * 99); time.sleep(0.001)")
    older = tmp_path / "thing.log.1"
    with Supervisor([talker], patience=QUICK) as supervisor:
        step_until(supervisor, older.exists)
        step_until(supervisor, lambda: 0 < talker.log.stat().st_size < 1000)
    assert older.read_text().startswith("x" * 99 + "\n")
    assert "\0" not in talker.log.read_text()


def test_it_says_how_a_process_ended():
    assert describe_end(-9) == "was ended by SIGKILL"
    assert describe_end(3) == "ended with exit code 3"
