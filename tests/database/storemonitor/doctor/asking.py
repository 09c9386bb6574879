"""Asking the doctor, and doing what it says."""

import json
import re
import shlex
import subprocess
from io import StringIO
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django_celery_results.models import TaskResult

from tests.paths import ROOT


def asked(*only, strict=False):
    """Return the exit code and the checks, by name, each with level, reason and remedy."""
    output, code = StringIO(), 0
    try:
        call_command("doctor", json=True, only=list(only), strict=strict, stdout=output)
    except SystemExit as end:
        code = end.code
    checks = json.loads(output.getvalue())["checks"]
    return code, {one["check"]: one for one in checks}


def told(check):
    """Return level, reason and remedy of the one problem that a check has found."""
    _, checks = asked(check)
    problems = [one for one in checks[check]["findings"] if one["level"] != "OK"]
    assert len(problems) == 1, problems
    return problems[0]["level"], problems[0]["reason"], problems[0]["do"]


def is_clean(check):
    return asked(check)[1][check]["level"] == "OK"


def do(text):
    """Run the command with which a remedy begins, as far as the first comma or semicolon."""
    [command] = re.match(r"""((?:"[^"]*"|'[^']*'|[^;,"']|[;,](?! ))*)""", text).groups()
    if command.startswith("./run manage "):
        call_command(*shlex.split(command)[2:], stdout=StringIO())
    else:
        subprocess.run(command, shell=True, check=True, cwd=ROOT, capture_output=True)


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def swept(count):
    """So many sweeps have just ended."""
    TaskResult.objects.bulk_create(
        TaskResult(task_id=str(uuid4()), task_name="reports.sweep", status="SUCCESS", result="0")
        for _ in range(count)
    )


def weeks_dropped():
    """Drop the partitions that this test made, and those that others left, attached or not."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for kind in ("p", "r"):
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relname ~ '^ingestion_poll_2' AND relkind = %s",
                [kind],
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
