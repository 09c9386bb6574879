"""``./run test``: every check in order, up to the first that fails.

With arguments, only pytest runs, and they are its own.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers import POSTGRES_URL, SKIPPED, in_ci, postgres_fault

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PYTEST = (PYTHON, "-m", "pytest")
DATABASE_TESTS = "tests/database"
CHECKS = {
    "Lint": (PYTHON, "-m", "ruff", "check", "."),
    "Format": (PYTHON, "-m", "ruff", "format", "--check", "."),
    "Types": (PYTHON, "-m", "mypy"),
    "Import contracts": (
        PYTHON,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ),
    "Migrations": (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
}


def main(arguments: Sequence[str]) -> int:
    """Run the checks and return the exit code of the last that ran."""
    with tempfile.TemporaryDirectory(prefix="storemonitor-test-") as folder:
        # Apart from the data of a server that may be running from the same files.
        environment = {**os.environ, "VAR_DIR": folder}
        if arguments:
            return run(None, (*PYTEST, *arguments), environment)
        return run_all(environment)


def run_all(environment: Mapping[str, str]) -> int:
    """Run the checks, then the tests on SQLite, then those of the database on PostgreSQL."""
    fault = postgres_fault()
    if fault and in_ci():
        return say(fault, code=1)
    steps = [(heading, command, environment) for heading, command in CHECKS.items()]
    tests = "Tests"
    if fault:
        tests += f"\n{SKIPPED}: {count_tests(environment)} on PostgreSQL, {fault}"
    steps.append((tests, PYTEST, environment))
    if not fault:
        url = f"{POSTGRES_URL.rpartition('/')[0]}/storemonitor_{os.getpid()}"
        on_postgres = {**environment, "DATABASE_URL": url}
        steps.append(("Tests on PostgreSQL", (*PYTEST, DATABASE_TESTS), on_postgres))
    return next((code for step in steps if (code := run(*step))), 0)


def run(heading: str | None, command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one command under its heading and return its exit code."""
    if heading:
        say(f"\n== {heading}")
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def count_tests(environment: Mapping[str, str]) -> str:
    """Return how many tests there are of the database, in pytest's words."""
    command = (*PYTEST, DATABASE_TESTS, "--collect-only", "-q", "--no-summary")
    collected = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    return collected.stdout.strip().rpartition("\n")[2]


def say(text: str, *, code: int = 0) -> int:
    """Write a line and return the exit code that goes with it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
