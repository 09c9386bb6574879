"""``manage.py doctor``: what is wrong with this installation, why, and how to mend it."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from storemonitor.operations.doctor import answers
from storemonitor.operations.doctor.checks import all_checks
from storemonitor.operations.doctor.examination import examine
from storemonitor.operations.doctor.findings import Level


class Command(BaseCommand):
    """Examines the installation and prints what it finds; the exit code is for scripts."""

    help = (
        "Say what is wrong with this installation, why, and the command that mends it."
        " Exit code 0: fine; 1: warnings, with --strict; 2: something failed."
    )
    # It finds these faults itself, and others do not depend on them.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings")
        parser.add_argument(
            "--only", action="append", default=[], metavar="CHECK", help="only this; repeatable"
        )

    def handle(
        self,
        *_: Any,
        json: bool,
        strict: bool,
        only: list[str],
        **__: Any,
    ) -> None:
        checks = all_checks()
        unknown = sorted(set(only) - {check.name for check in checks})
        if unknown:
            names = ", ".join(check.name for check in checks)
            raise CommandError(f"no check is called {unknown[0]!r}; there are: {names}")
        results = []
        for result in examine(checks, only=only):
            results.append(result)
            if not json and result.level != Level.SKIPPED:
                self.stdout.write("\n".join(answers.lines(result)))
        told = [answers.as_json(results)] if json else answers.ending(results)
        self.stdout.write("\n".join(told))
        if code := answers.exit_code(results, strict=strict):
            sys.exit(code)
