"""The launcher behind ``./run``: what it says, and what it leaves behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.stack import ROOT, free_port, processes_naming, until

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes left behind in /proc"
)


class Launcher:
    """``python -m storemonitor.launcher`` in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.output = folder / "output.txt"
        self.port = free_port()
        self.process = None

    def start(self):
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "storemonitor.launcher"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "VAR_DIR": str(self.folder),
                    "SAMPLE_STORES": "30",
                    "PORT": str(self.port),
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self

    @property
    def text(self):
        return self.output.read_text()

    def serving(self):
        assert self.process.poll() is None, self.text
        return "Serving until Ctrl-C." in self.text

    def leaders(self, command):
        """Return the leaders of the groups whose command line has these words."""
        found = []
        for process in self.processes():
            try:
                words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
                if command.encode() in words and os.getpgid(process) == process:
                    found.append(process)
            except OSError:  # It ended meanwhile.
                continue
        return found

    def processes(self):
        return processes_naming(f"VAR_DIR={self.folder}\0")

    def alone(self):
        """Return whether nothing is left but zombies that wait for their parent."""
        return not self.processes()

    def stop(self):
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def launcher(tmp_path):
    launcher = Launcher(tmp_path).start()
    try:
        until(launcher.serving, seconds=90)
        yield launcher
    finally:
        launcher.stop()


def test_it_shows_a_report_of_sample_stores_and_where_everything_is(launcher):
    text = launcher.text
    address = f"http://127.0.0.1:{launcher.port}"
    assert "migrations applied" in text
    assert re.search(r"user admin, password \S{12,}\n", text)
    assert re.search(r"Report \S+: complete after", text)
    assert "All 30 stores are in " in text
    path = Path(re.search(r"stores are in (.+)", text)[1])
    assert path.read_text().count("\n") == 31
    first_store = path.read_text().splitlines()[1].partition(",")[0]
    assert re.search(rf"^  {first_store}(  +[\d.]+){{6}}$", text, re.MULTILINE)
    for line in (f"{address}/docs", f"{address}/admin/", f"curl -X POST {address}/trigger_report"):
        assert line in text
    assert "\x1b" not in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_leaves_no_process_behind_when_asked_to_end(launcher, number):
    launcher.process.send_signal(number)
    assert launcher.process.wait(timeout=30) == 0
    assert launcher.text.endswith("Stopped.\n")
    assert launcher.processes() == []


def test_it_leaves_no_process_behind_when_killed_itself(launcher):
    launcher.process.kill()
    launcher.process.wait()
    until(launcher.alone, seconds=30)


@pytest.mark.parametrize("service", ["celery", "gunicorn"])
def test_it_starts_a_killed_service_again(launcher, service):
    [leader] = launcher.leaders(service)
    os.kill(leader, signal.SIGKILL)
    until(lambda: [new for new in launcher.leaders(service) if new != leader])
    assert "was ended by SIGKILL; starting it again" in launcher.text


def test_it_keeps_the_data_and_says_no_password_at_the_second_start(launcher):
    launcher.process.terminate()
    launcher.process.wait(timeout=30)
    password = re.search(r"password (\S+)", launcher.text)[1]
    assert not any(
        password.encode() in path.read_bytes()
        for path in launcher.folder.rglob("*")
        if path.is_file() and path != launcher.output
    )
    launcher.output.write_text("")
    started = time.monotonic()
    launcher.start()
    until(launcher.serving)
    assert "up to date" in launcher.text
    assert "password" not in launcher.text
    assert "All 30 stores are in " in launcher.text
    assert time.monotonic() - started < 30


def test_it_does_not_serve_the_same_folder_twice(launcher):
    second = Launcher(launcher.folder)
    second.output = launcher.folder / "second.txt"
    second.start()
    assert second.process.wait(timeout=30) == 1
    assert f"served at http://127.0.0.1:{launcher.port} already" in second.text


def test_it_takes_the_next_port_where_one_is_taken(launcher, tmp_path_factory):
    other = Launcher(tmp_path_factory.mktemp("other"))
    other.port = launcher.port
    other.start()
    try:
        until(other.serving, seconds=90)
        assert f"{launcher.port} is taken, so this is {launcher.port + 1}" in other.text
    finally:
        other.stop()
