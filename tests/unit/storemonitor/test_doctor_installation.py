"""The doctor's checks of Python, packages and time zones, which need no settings."""

import tomllib
from collections import namedtuple

import pytest

from storemonitor.operations.doctor import installation
from tests.paths import ROOT

Version = namedtuple("Version", "major minor micro releaselevel serial")


@pytest.fixture
def pins(tmp_path, monkeypatch):
    """A file of pins in place of ours."""
    monkeypatch.setattr(installation, "ROOT", tmp_path)
    return tmp_path / "requirements.txt"


def test_it_needs_the_python_that_the_project_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == installation.PYTHON


def test_it_finds_nothing_wrong_here():
    for check in (installation.python, installation.packages, installation.tzdata):
        assert [one.level for one in check()] == ["OK"]


def test_it_names_packages_that_differ(pins):
    pins.write_text(
        "# A comment.\ndjango==1.0 \\\n    --hash=sha256:00\nno-such-package==2.0\n"
        "numpy==0.1 ; python_version < '3'\n"
    )
    [finding] = installation.packages()
    assert finding.level == "FAIL"
    assert finding.reason.startswith("2 packages differ from requirements.txt: django is ")
    assert "no-such-package is missing" in finding.reason
    assert finding.do.endswith(f"-m pip install --require-hashes -r {pins}")


def test_it_refuses_an_old_python(monkeypatch):
    monkeypatch.setattr(installation.sys, "version_info", Version(3, 10, 4, "final", 0))
    [finding] = installation.python()
    assert finding.level == "FAIL"
    assert finding.reason == "Python 3.10.4, but the project needs >=3.11"


def test_it_judges_the_age_of_the_time_zones(monkeypatch):
    monkeypatch.setattr(installation, "version", lambda _: "2021.5")
    [finding] = installation.tzdata()
    assert finding.level == "WARN"
    assert finding.reason.startswith("tzdata 2021.5 is about ")
    assert "./run manage migrate" in finding.do
