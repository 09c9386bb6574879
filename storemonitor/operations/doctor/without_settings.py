"""What can be said if the settings cannot be used: no other module of ours can be imported then."""

import argparse
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from storemonitor.operations.doctor import answers, installation
from storemonitor.operations.doctor.examination import examine, one_line
from storemonitor.operations.doctor.findings import Check, Result, fail

CHECKS = (
    Check(name="python", find=installation.python),
    Check(name="packages", find=installation.packages),
    Check(name="tzdata", find=installation.tzdata),
)
# Reading the settings creates VAR_DIR, parses numbers and imports packages.
UNUSABLE = (ImproperlyConfigured, ImportError, KeyError, OSError, ValueError)
_INSTALL = f"{sys.executable} -m pip install --require-hashes -r requirements.txt"


def tell(error: BaseException, arguments: Sequence[str]) -> int:
    """Print why the settings cannot be used, and return the exit code.

    ``arguments`` are those of manage.py. For ``doctor`` they also say what to print.
    """
    if not arguments or arguments[0] != "doctor":
        sys.stderr.write(f"The settings cannot be used: {_reason(error)}\n  do: {_do(error)}\n")
        return 1
    parser = argparse.ArgumentParser(prog="manage.py doctor")
    parser.add_argument("--json", action="store_true")
    told, _ = parser.parse_known_args(arguments[1:])
    finding = fail(_reason(error), _do(error))
    results = [*examine(CHECKS), Result(name="settings", findings=(finding,))]
    if told.json:
        sys.stdout.write(answers.as_json(results) + "\n")
    else:
        lines = [line for result in results for line in answers.lines(result)]
        sys.stdout.write("\n".join([*lines, *answers.ending(results)]) + "\n")
    return answers.exit_code(results, strict=False)


def _reason(error: BaseException) -> str:
    text = one_line(error)
    return text if isinstance(error, ImproperlyConfigured) else f"{type(error).__name__}: {text}"


def _do(error: BaseException) -> str:
    if isinstance(error, ImportError):
        return _INSTALL
    if isinstance(error, OSError):
        return "set VAR_DIR to a folder that this user may write, or free space on its disk"
    return "correct the environment variable; docs/configuration.md has every one"
