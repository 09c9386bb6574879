"""The pins and the installed files agree, and every installed file has a known hash."""

import re

import pytest

from tests.paths import ROOT

NAMES = ["requirements", "requirements-s3", "requirements-dev"]
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
