"""``./run test``: every check and test side by side; a failure stops none of the others.

With arguments, only pytest runs, and they are its own.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from tests.servers import POSTGRES_URL, SKIPPED, in_ci, postgres_fault

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PYTEST = (PYTHON, "-m", "pytest")
# Measured on two cores. Those on PostgreSQL were the last to end while they were one process.
WORKERS = os.environ.get("TEST_WORKERS", "3")
WORKERS_ON_POSTGRES = "2"
SPREAD = ("--dist=loadgroup", "--no-loadscope-reorder", "--durations=10")
# Tests whose outcome the database may change.
DATABASE_TESTS = ("-m", "not one_database", "tests/database")
CHECKS = {
    "Lint": (PYTHON, "-m", "ruff", "check", "."),
    "Format": (PYTHON, "-m", "ruff", "format", "--check", "."),
    "Types": (PYTHON, "-m", "mypy"),
    "Import contracts": (
        PYTHON,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ),
    # Bandit warns of each exception that we made. Its findings are no warnings.
    "Security": (
        PYTHON,
        "-c",
        "import logging; logging.disable(30); from bandit.cli.main import main; main()",
        *("--quiet", "--configfile=pyproject.toml", "--recursive", "."),
    ),
    "Secrets": (PYTHON, "-m", "tests.secret_scan"),
    "Migrations": (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
}


@dataclass(frozen=True)
class Step:
    """One command under its heading."""

    heading: str
    command: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """How a step ended."""

    heading: str
    code: int
    seconds: float


_speaking = Lock()


def main(arguments: Sequence[str]) -> int:
    """Run the checks and return 0 if all passed."""
    with tempfile.TemporaryDirectory(prefix="storemonitor-test-") as folder:
        # Apart from the data of a server that may be running from the same files.
        environment = {**os.environ, "VAR_DIR": folder}
        if arguments:
            command = (*PYTEST, *arguments)
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        return run_all(environment)


def run_all(environment: Mapping[str, str]) -> int:
    """Run the tests on SQLite, in parallel with the checks and the database's tests on PostgreSQL.

    Everything runs to its end; then a line for each says how it ended.
    """
    checks = [Step(heading, command, environment) for heading, command in CHECKS.items()]
    tests = Step("Tests", (*PYTEST, *SPREAD, f"--numprocesses={WORKERS}"), environment)
    with ThreadPoolExecutor() as pool:
        beside = pool.submit(lambda: [*map(run_quietly, checks), run_on_postgres(environment)])
        results = [run_aloud(tests), *beside.result()]
    say("\n== Summary")
    for result in results:
        say(f"{'FAILED' if result.code else 'ok':<8}{result.heading:<22}{result.seconds:5.0f} s")
    return int(any(result.code for result in results))


def run_on_postgres(environment: Mapping[str, str]) -> Result:
    """Run the database's tests on PostgreSQL; without one, skip them loudly, or fail in CI."""
    heading = "Tests on PostgreSQL"
    if not (fault := postgres_fault()):
        url = f"{POSTGRES_URL.rpartition('/')[0]}/storemonitor_{os.getpid()}"
        folder = f"{environment['VAR_DIR']}/postgresql"
        on_postgres = {**environment, "DATABASE_URL": url, "VAR_DIR": folder}
        spread = (*SPREAD, f"--numprocesses={WORKERS_ON_POSTGRES}")
        return run_quietly(Step(heading, (*PYTEST, *spread, *DATABASE_TESTS), on_postgres))
    skipped = "" if in_ci() else f"{SKIPPED}: {count_tests(environment)} on PostgreSQL, "
    with _speaking:
        say(f"\n== {heading}\n{skipped}{fault}")
    return Result(heading, code=int(in_ci()), seconds=0.0)


def run_aloud(step: Step) -> Result:
    """Run one command and pass on each line as it comes."""
    started = time.monotonic()
    say(f"\n== {step.heading}")
    command = [*step.command, *(["--color=yes"] if sys.stdout.isatty() else [])]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=step.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            with _speaking:
                say(line.removesuffix("\n"))
    return Result(step.heading, process.returncode, time.monotonic() - started)


def run_quietly(step: Step) -> Result:
    """Run one command, and show at its end all that it said."""
    started = time.monotonic()
    ended = subprocess.run(
        step.command,
        cwd=ROOT,
        env=step.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    with _speaking:
        say(f"\n== {step.heading}\n{ended.stdout.rstrip()}")
    return Result(step.heading, ended.returncode, time.monotonic() - started)


def count_tests(environment: Mapping[str, str]) -> str:
    """Return how many tests there are of the database, in pytest's words."""
    command = (*PYTEST, *DATABASE_TESTS, "--collect-only", "-q", "--no-summary")
    collected = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    return collected.stdout.strip().rpartition("\n")[2]


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
