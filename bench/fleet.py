"""The files that are measured: made-up ones of real size, and any that are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.measure import probe, say, timed_process

SEED = 1


@dataclass(frozen=True, kw_only=True)
class Data:
    """A folder with the three feeds, the file of polls among them, and what the table calls it."""

    name: str
    folder: Path
    polls: Path


def made(kept: Path, environment: Mapping[str, str], *, stores: int, days: int) -> Data:
    """Return a made-up fleet, kept in ``kept`` from one bench to the next."""
    folder = kept / f"stores-{stores}-days-{days}-seed-{SEED}"
    if not folder.exists():
        say(f"Making {stores} stores with {days} days of polls in {folder} ...")
        unfinished = folder.with_suffix(".unfinished")
        size = [f"--stores={stores}", f"--days={days}", f"--seed={SEED}"]
        command = ["manage.py", "sample_data", str(unfinished), *size, "--verbosity=0"]
        timed_process(command, rows=0, environment=environment)
        unfinished.rename(folder)
    return _data("sample", folder, environment)


def given(folder: Path, environment: Mapping[str, str]) -> Data | None:
    """Return the files of a folder under its name, None if there is no such folder."""
    if not folder.is_dir():
        say(f"SKIPPED: there is no folder {folder}.")
        return None
    return _data(folder.resolve().name, folder.resolve(), environment)


def _data(name: str, folder: Path, environment: Mapping[str, str]) -> Data:
    polls = probe("poll_file", folder, environment=environment)
    return Data(name=name, folder=folder, polls=Path(polls))
