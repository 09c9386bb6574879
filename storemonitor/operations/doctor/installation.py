"""Python, the packages and the time zones of this installation. Nothing here needs the settings."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from storemonitor.operations.doctor.findings import Finding, counted, fail, fine, named, warn

ROOT = Path(__file__).resolve().parents[3]
# As in pyproject.toml, which is not in the image.
PYTHON = ">=3.11"
# Governments change their clocks several times a year, mostly with little notice.
_OLD_YEARS = 2


def python() -> Iterator[Finding]:
    """Compare this Python with what the project needs."""
    have = "{}.{}.{}".format(*sys.version_info)
    if SpecifierSet(PYTHON).contains(have):
        yield fine(f"{have} at {sys.executable}")
    else:
        do = "rm -r .venv && PYTHON=/path/to/python ./run --help, with a newer Python"
        yield fail(f"Python {have}, but the project needs {PYTHON}", do)


def packages(name: str = "requirements.txt") -> Iterator[Finding]:
    """Compare what is installed with the pins."""
    pins = _pins(ROOT / name)
    wrong = [text for one in pins if (text := _difference(one))]
    if wrong:
        do = f"{sys.executable} -m pip install --require-hashes -r {ROOT / name}"
        count = counted(len(wrong), "package differs", "packages differ")
        yield fail(f"{count} from {name}: {named(wrong)}", do)
    else:
        yield fine(f"{counted(len(pins), 'package')} as in {name}")


def tzdata() -> Iterator[Finding]:
    """Judge the age of the time zones by their version, such as 2026.6."""
    try:
        installed = version("tzdata")
    except PackageNotFoundError:
        return  # The check of packages says so.
    age = datetime.now(UTC).year - int(installed.partition(".")[0])
    if age >= _OLD_YEARS:
        yield warn(
            f"tzdata {installed} is about {age} years old: newer changes of clocks are not in it",
            "raise the pin of tzdata as CONTRIBUTING.md says, then ./run manage migrate",
        )
    else:
        yield fine(f"tzdata {installed}")


def _pins(path: Path) -> list[Requirement]:
    """Return the pins that apply to this machine."""
    text = path.read_text().replace("\\\n", " ")
    lines = (line.partition(" --hash")[0].strip() for line in text.splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [one for one in found if one.marker is None or one.marker.evaluate()]


def _difference(pin: Requirement) -> str:
    try:
        installed = version(pin.name)
    except PackageNotFoundError:
        return f"{pin.name} is missing"
    return "" if installed in pin.specifier else f"{pin.name} is {installed}, not {pin.specifier}"
