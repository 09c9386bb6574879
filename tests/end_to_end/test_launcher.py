"""The launcher behind ``./run``: its output, and what it leaves behind."""

import http.client
import os
import re
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.end_to_end.stack import ROOT, processes_naming, until
from tests.isolation import free_port

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes left behind in /proc"
)


class Launcher:
    """``python -m storemonitor.launch.launcher`` in its own folder."""

    def __init__(self, folder, *, port=None, output="output.txt"):
        self.folder = folder
        self.output = folder / output
        self.port = port or free_port()
        self.process = None

    def start(self, **environment):
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "storemonitor.launch.launcher"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "VAR_DIR": str(self.folder),
                    "SAMPLE_STORES": "30",
                    "PORT": str(self.port),
                    **environment,
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


@pytest.fixture(scope="module")
def launcher(tmp_path_factory):
    """A first start, for tests that leave it serving."""
    with first_start(tmp_path_factory.mktemp("launcher")) as launcher:
        yield launcher


@contextmanager
def first_start(folder, *, port=None, **environment):
    launcher = Launcher(folder, port=port).start(**environment)
    try:
        # A first start takes ten seconds of a core, and the whole suite leaves it a fifth of one.
        until(launcher.serving)
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
    for line in (
        f"board      {address}/\n",
        f"{address}/docs",
        f"{address}/admin/",
        f"curl -X POST {address}/trigger_report",
    ):
        assert line in text
    assert "\x1b" not in text
    assert " INFO " not in text
    assert text.count("stores.csv (") == 1


def test_its_board_is_filled_from_the_start(launcher):
    with urlopen(f"http://127.0.0.1:{launcher.port}/") as response:
        board = response.read().decode()
    assert "offline in open hours" in board
    assert 'id="heat-map"' in board
    assert "No new polls" not in board


def test_it_lets_anybody_in_on_this_machine_and_nobody_where_others_can_come(launcher, tmp_path):
    assert get(launcher, "/api/v1/reports/") == 200
    assert "access " not in launcher.text
    with first_start(tmp_path, HOST="0.0.0.0") as public:
        assert "create_token --name" in public.text
        assert "curl -X POST -H 'Authorization: Bearer TOKEN' http://" in public.text
        assert "All 30 stores are in " in public.text
        assert get(public, "/api/v1/reports/") == 401
        assert get(public, "/healthz") == 200
        ask_to_end(public, signal.SIGINT)


def get(launcher, path):
    connection = http.client.HTTPConnection("127.0.0.1", launcher.port, timeout=30)
    with closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.mark.parametrize("service", ["celery", "gunicorn"])
def test_it_starts_a_killed_service_again(launcher, service):
    [leader] = launcher.leaders(service)
    os.kill(leader, signal.SIGKILL)
    until(lambda: [new for new in launcher.leaders(service) if new != leader])
    assert "was ended by SIGKILL; restarting it" in launcher.text


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PORT", "eighty", "PORT is 'eighty', which is not a whole number."),
        ("HOST", "192.0.2.1", "Cannot listen on port"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none", "The database cannot be used: "),
    ],
)
def test_it_says_in_a_sentence_why_it_cannot_start(tmp_path, variable, value, words):
    launcher = Launcher(tmp_path).start(**{variable: value})
    assert launcher.process.wait(timeout=180) == 1
    assert words in launcher.text
    assert "Traceback" not in launcher.text
    assert launcher.processes() == []


def test_it_does_not_serve_the_same_folder_twice(launcher):
    second = Launcher(launcher.folder, output="second.txt").start()
    assert second.process.wait(timeout=180) == 1
    assert f"already in use by a server at http://127.0.0.1:{launcher.port}" in second.text
    assert launcher.processes()


def test_it_takes_the_next_port_keeps_the_data_and_leaves_no_process_behind(launcher, tmp_path):
    with first_start(tmp_path, port=launcher.port) as other:
        # The one after it, unless something else has that.
        assert re.search(rf"{launcher.port} is taken, using \d+\n", other.text)
        ask_to_end(other, signal.SIGTERM)
        password = re.search(r"password (\S+)", other.text)[1]
        other.output.write_text("")
        assert not any(password.encode() in path.read_bytes() for path in files_in(tmp_path))

        other.start()
        until(other.serving)
        assert "up to date" in other.text
        assert "password" not in other.text
        assert "All 30 stores are in " in other.text
        other.process.kill()
        other.process.wait()
        until(other.alone, seconds=30)


def ask_to_end(launcher, number):
    launcher.process.send_signal(number)
    assert launcher.process.wait(timeout=30) == 0
    assert launcher.text.endswith("Stopped.\n")
    assert launcher.processes() == []


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]
