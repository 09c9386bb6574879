"""The pins and the installed files agree, and every installed file has a known hash.

What a package needs on other platforms is what the one installed here says.
"""

import re
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from tests.paths import ROOT

NAMES = ["requirements", "requirements-s3", "requirements-oidc", "requirements-dev"]
_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z0-9,-]+\])?==([^\s;\\]+)")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(name):
    """Return the versions that people wrote, those of included files as well."""
    pins = {}
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        if line.startswith("-r "):
            pins |= pinned(line.removeprefix("-r ").removesuffix(".in"))
        elif line and not line.startswith("#"):
            found = _PIN.fullmatch(line)
            assert found, f"{name}.in: {line} is not pinned exactly"
            pins[normal(found[1])] = found[2]
    return pins


def installed(name):
    """Return the version and the hashes of each package that is installed."""
    text = (ROOT / f"{name}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = [(_PIN.match(line), line) for line in lines]
    assert all(pin for pin, _ in found), f"{name}.txt has lines that are no exact pins"
    return {
        normal(pin[1]): (pin[2], re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
        for pin, line in found
    }


@pytest.mark.parametrize("name", NAMES)
def test_it_installs_what_is_pinned_by_hash(name):
    files = installed(name)
    assert all(hashes for _, hashes in files.values())
    assert pinned(name).items() <= {one: version for one, (version, _) in files.items()}.items()


@pytest.mark.parametrize("name", NAMES[1:])
def test_it_tests_and_stores_with_what_it_runs_on(name):
    assert installed("requirements").items() <= installed(name).items()


@pytest.mark.parametrize("name", NAMES)
def test_it_names_no_place_to_install_from(name):
    text = (ROOT / f"{name}.txt").read_text() + (ROOT / f"{name}.in").read_text()
    assert not re.search(r"https?:|--(extra-)?index|--find-links", text)


def test_it_has_hashes_enforced():
    assert (ROOT / "run").read_text().count("--require-hashes") == 2
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text()


PLATFORMS = {
    f"{system} {machine}, Python 3.{minor}": {
        **default_environment(),
        "os_name": "posix",
        "sys_platform": system,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[system],
        "platform_machine": machine,
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.1",
        "implementation_version": f"3.{minor}.1",
    }
    for system, machine in (
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "x86_64"),
        ("darwin", "arm64"),
    )
    for minor in (11, 12, 13, 14)
}


@cache
def locked(name):
    text = (ROOT / f"{name}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Requirement(line.partition(" --hash")[0]) for line in lines]


def applies(requirement, environment, extras):
    marker = requirement.marker
    return not marker or any(marker.evaluate({**environment, "extra": extra}) for extra in extras)


@cache
def needed_by(name):
    """Return what an installed package says that it needs; nothing of one not needed here."""
    try:
        return [Requirement(text) for text in requires(name) or []]
    except PackageNotFoundError:
        return []


def gap(name, environment):
    """Return the needs that what is installed on a platform does not meet."""
    lines = [one for one in locked(name) if applies(one, environment, [""])]
    versions = {normal(one.name): next(iter(one.specifier)).version for one in lines}
    extras = {
        normal(one.name): {"", *one.extras}
        for one in asked_for(name)
        if applies(one, environment, [""])
    }
    unmet, todo = set(), set(extras)
    while todo:
        package = todo.pop()
        for need in needed_by(package):
            if not applies(need, environment, extras[package]):
                continue
            key = normal(need.name)
            if key not in versions or not need.specifier.contains(versions[key], prereleases=True):
                unmet.add(f"{package} needs {need}, and gets {versions.get(key)}")
            if not extras.setdefault(key, set()) >= {"", *need.extras}:
                extras[key] |= {"", *need.extras}
                todo.add(key)
    return unmet


def asked_for(name):
    """Return what people wrote, that of included files as well."""
    found = []
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        if line.startswith("-r "):
            found += asked_for(line.removeprefix("-r ").removesuffix(".in"))
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_has_what_every_package_needs_on_each_platform(name, platform):
    assert gap(name, PLATFORMS[platform]) == set()


def test_it_would_see_what_is_missing_on_one_platform(monkeypatch):
    def needs(name):
        return [Requirement("foo; platform_machine == 'arm64'")] if name == "django" else []

    monkeypatch.setattr(sys.modules[__name__], "needed_by", needs)
    seen = {platform: gap("requirements", said) for platform, said in PLATFORMS.items()}
    assert {platform for platform, missing in seen.items() if missing} == {
        f"darwin arm64, Python 3.{minor}" for minor in (11, 12, 13, 14)
    }
