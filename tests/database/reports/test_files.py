"""Report files appear whole or not at all, on a disk and in storages that are no disk."""

import hashlib
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from reports.build.writers import write_file

IN_MEMORY = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def pieces():
    yield b"one,"
    yield b""
    yield b"two\n"


def failing():
    yield b"half"
    raise ValueError("no more")


def files():
    root = Path(default_storage.path("reports"))
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


def test_it_says_what_it_wrote():
    written = write_file("reports/a.csv", pieces())

    assert (written.name, written.size) == ("reports/a.csv", 8)
    assert written.sha256 == hashlib.sha256(b"one,two\n").hexdigest()
    with default_storage.open(written.name) as file:
        assert file.read() == b"one,two\n"
    assert files() == ["a.csv"]


def test_it_is_not_seen_before_it_is_whole():
    def looking():
        yield b"half"
        assert not default_storage.exists("reports/a.csv")
        yield b"whole"

    write_file("reports/a.csv", looking())

    assert default_storage.exists("reports/a.csv")


def test_it_leaves_nothing_behind_when_it_fails():
    with pytest.raises(ValueError, match="no more"):
        write_file("reports/a.csv", failing())

    assert files() == []


def test_it_keeps_the_file_that_was_there_when_it_fails():
    write_file("reports/a.csv", pieces())

    with pytest.raises(ValueError, match="no more"):
        write_file("reports/a.csv", failing())

    with default_storage.open("reports/a.csv") as file:
        assert file.read() == b"one,two\n"
    assert files() == ["a.csv"]


def test_it_writes_an_empty_file():
    assert write_file("reports/a.csv", iter(())).size == 0
    assert default_storage.size("reports/a.csv") == 0


def test_it_writes_to_a_storage_that_is_no_disk(settings):
    settings.STORAGES = IN_MEMORY

    written = write_file("reports/a.csv", pieces())

    assert (written.name, written.size) == ("reports/a.csv", 8)
    assert written.sha256 == hashlib.sha256(b"one,two\n").hexdigest()
    with default_storage.open(written.name) as file:
        assert file.read() == b"one,two\n"


def test_it_leaves_nothing_in_a_storage_that_is_no_disk_when_it_fails(settings):
    settings.STORAGES = IN_MEMORY

    with pytest.raises(ValueError, match="no more"):
        write_file("reports/a.csv", failing())

    assert not default_storage.exists("reports/a.csv")
