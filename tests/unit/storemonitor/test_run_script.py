"""``./run`` up to the point where it becomes Python, with a Python that only records its calls.

The project is in a folder with a space in its name, and PATH has only what the script needs and
the fakes.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from tests.paths import ROOT

TOOLS = ("sh", "cat", "cp", "dirname", "mkdir", "rm", "sleep")
FAKE_PYTHON = """#!/bin/sh
case $* in
    *'version_info < (3, 11)'*) exit TOO_OLD ;;
    *'import ensurepip'*) exit NO_VENV ;;
    *fcntl*) exec "$REAL_PYTHON" "$@" ;;
    *'"%d.%d"'*) echo 3.12 ;;
    *'print(sys.version'*) echo "fake 3.12 in $0" ;;
    '-c import pip') ;;
    --version) echo 'Python 3.12.0' ;;
    '-m venv '*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >>"$CALLS" ;;
    '-m pip install '*)
        echo "pip $*" >>"$CALLS"
        sleep "${PIP_SECONDS:-0}"
        echo 'what pip said'
        exit "${PIP_EXIT:-0}"
        ;;
    *)
        echo "$$ in $PWD: $*" >>"$CALLS"
        echo "VAR_DIR=${VAR_DIR:-}"
        ;;
esac
"""
FAKE_UV = """#!/bin/sh
[ "$1" = --version ] || echo "uv $*" >>"$CALLS"
[ "$1" = --version ] || exit "${UV_EXIT:-0}"
"""


class Project:
    """A copy of the script in its own project."""

    def __init__(self, folder):
        self.root = folder / "store monitor"
        self.bin = folder / "bin"
        self.log = folder / "calls"
        self.root.mkdir()
        self.bin.mkdir()
        shutil.copy(ROOT / "run", self.root)
        (self.root / "requirements.txt").write_text("django==1\n")
        (self.root / "requirements-s3.txt").write_text("boto3==1\n")
        (self.root / "requirements-dev.txt").write_text("pytest==1\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))

    def add_python(self, name, *, too_old=False, no_venv=False):
        script = FAKE_PYTHON.replace("TOO_OLD", str(int(too_old)))
        self._add(name, script.replace("NO_VENV", str(int(no_venv))))

    def add_uv(self):
        self._add("uv", FAKE_UV)

    def _add(self, name, script):
        path = self.bin / name
        path.write_text(script)
        path.chmod(0o755)

    def start(self, *arguments, cwd=None, **environment):
        return subprocess.Popen(
            [shutil.which("sh"), self.root / "run", *arguments],
            cwd=cwd or self.root,
            env={
                "PATH": str(self.bin),
                "CALLS": str(self.log),
                "REAL_PYTHON": sys.executable,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # In the background of a shell, processes ignore Ctrl-C.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )

    def run(self, *arguments, expect=0, **environment):
        """Return its output, its process id, and the calls since then."""
        self.log.write_text("")
        process = self.start(*arguments, **environment)
        output = process.communicate(timeout=30)[0]
        assert process.returncode == expect, output
        return output, process.pid, self.calls()

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def installed(self):
        return [call.rpartition("/")[2] for call in self.calls() if call.startswith("pip")]


@pytest.fixture
def bare(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def project(bare):
    bare.add_python("python3.12")
    return bare


def test_it_explains_itself_without_any_python(bare):
    output, _, calls = bare.run("--help")
    for words in ("./run report DIR", "./run test", "./run manage", "./run bench", "./run sbom"):
        assert words in output
    assert calls == []


def test_it_says_what_to_install_where_there_is_no_python(bare):
    output, *_ = bare.run(expect=1)
    for words in ("3.11 or newer", "apt install", "dnf install", "brew install"):
        assert words in output
    assert not (bare.root / ".venv").exists()


def test_it_says_what_to_install_where_venv_is_missing(bare):
    bare.add_python("python3", no_venv=True)
    output, *_ = bare.run(expect=1)
    assert "apt install python3.12-venv" in output


def test_it_passes_over_a_python_that_is_too_old_or_incomplete(bare):
    bare.add_python("python3.14", too_old=True)
    bare.add_python("python3.13", no_venv=True)
    bare.add_python("python3")
    bare.run()


def test_it_takes_the_python_that_is_named(project):
    project.add_python("python3.14", too_old=True)
    output, *_ = project.run(expect=1, PYTHON="python3.14")
    assert "at PYTHON=python3.14" in output
    project.run(PYTHON="python3.12")


def test_it_sets_up_once_and_becomes_the_launcher(project):
    output, process, calls = project.run()
    assert calls[0] == "venv"
    assert project.installed() == ["requirements.txt"]
    assert calls[-1] == f"{process} in {project.root}: -m storemonitor.launch.launcher"
    assert "Installing requirements.txt with pip" in output

    output, process, calls = project.run()
    assert calls == [f"{process} in {project.root}: -m storemonitor.launch.launcher"]
    assert output == "VAR_DIR=\n"


def test_it_installs_again_when_the_requirements_changed(project):
    project.run()
    (project.root / "requirements.txt").write_text("django==2\n")
    project.run()
    assert project.installed() == ["requirements.txt"]


def test_it_installs_the_tools_for_the_tests_only(project):
    project.run()
    project.run("test", "-k", "two words")
    assert project.installed() == ["requirements-dev.txt"]
    assert project.calls()[-1].endswith(": -m tests.suite -k two words")
    project.run()
    assert project.installed() == []
    project.run("test")
    assert project.installed() == []


def test_it_shows_why_an_install_failed_and_tries_again_at_the_next_start(project):
    output, *_ = project.run(expect=1, PIP_EXIT="1")
    assert "what pip said" in output
    assert "could not be installed" in output
    output, _, calls = project.run()
    assert calls[0] == "venv"
    assert "what pip said" not in output


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_it_heals_an_install_that_was_cut_short(project, number):
    started = project.start(PIP_SECONDS="30")
    wait_for(project.installed)
    os.killpg(started.pid, number)
    started.communicate()
    assert started.returncode != 0
    _, _, calls = project.run()
    assert calls[0] == "venv"
    assert project.installed() == ["requirements.txt"]


def test_it_installs_once_when_started_twice_at_once(project):
    first = project.start(PIP_SECONDS="1")
    wait_for(project.installed)
    second = project.start(PIP_SECONDS="1")
    outputs = [process.communicate(timeout=30)[0] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert "waiting for it" in outputs[1]
    assert project.installed() == ["requirements.txt"]
    assert [call.partition(": ")[2] for call in project.calls()[-2:]] == [
        "-m storemonitor.launch.launcher"
    ] * 2


def test_it_prefers_uv(project):
    project.add_uv()
    _, _, calls = project.run()
    assert any(call.startswith("uv pip install") for call in calls)
    assert project.installed() == []


def test_it_falls_back_to_pip_where_uv_cannot(project):
    project.add_uv()
    output, *_ = project.run(UV_EXIT="2")
    assert "uv failed; trying pip" in output
    assert project.installed() == ["requirements.txt"]


def test_it_leaves_a_virtual_environment_that_was_there_in_place(project):
    kept = project.root / ".venv/bin/something"
    kept.parent.mkdir(parents=True)
    kept.write_text("")
    shutil.copy(project.bin / "python3.12", kept.with_name("python"))
    project.run()
    assert kept.exists()
    assert project.installed() == ["requirements.txt"]


def test_it_makes_a_virtual_environment_anew_whose_python_is_gone(project):
    project.run()
    (project.root / ".venv/bin/python").unlink()
    _, _, calls = project.run()
    assert calls[0] == "venv"


@pytest.mark.parametrize(
    ("arguments", "becomes"),
    [
        (["report", "my data", "-o", "o.csv"], "-P -m reports.offline.command my data -o o.csv"),
        (["bench", "--quick"], "-P -m bench --quick"),
        (["manage", "ingest", "my data"], "{root}/manage.py ingest my data"),
    ],
)
def test_it_leaves_relative_paths_to_the_callers_folder(project, tmp_path, arguments, becomes):
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    _, process, calls = project.run(*arguments, cwd=elsewhere)
    assert calls[-1] == f"{process} in {elsewhere}: {becomes.format(root=project.root)}"


def test_it_starts_with_files_that_are_named_from_the_callers_folder(project, tmp_path):
    (tmp_path / "my data").mkdir()
    _, process, calls = project.run("my data", "/else/where.csv", cwd=tmp_path)
    paths = f"{tmp_path}/my data /else/where.csv"
    assert calls[-1] == f"{process} in {project.root}: -m storemonitor.launch.launcher {paths}"


def test_it_takes_a_relative_var_dir_from_the_callers_folder(project, tmp_path):
    output, *_ = project.run(cwd=tmp_path, VAR_DIR="mine")
    assert f"VAR_DIR={tmp_path}/mine\n" in output


def test_it_refuses_a_command_that_it_does_not_know(project):
    output, _, calls = project.run("sevre", expect=1)
    assert "there is no command 'sevre'" in output
    assert calls == []


def test_ci_runs_the_same_command():
    script = (ROOT / ".ci/run").read_text()
    assert script.splitlines()[-1] == "exec ./run test"


def wait_for(question):
    deadline = time.monotonic() + 20
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.02)
