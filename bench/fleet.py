"""The files that are measured: made-up ones of real size, and any that are given."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Failed, probe, say, timed_process

SEED = 1
# Figures of different days are of the same bytes.
UNTIL = "2024-03-13T18:13:22.479220Z"
BYTES_A_STORE_A_DAY = 1100


@dataclass(frozen=True, kw_only=True)
class Data:
    """A folder with the three feeds, the file of polls among them, and what the table calls it.

    ``stores`` is 0 where it is not known.
    """

    name: str
    folder: Path
    polls: Path
    stores: int = 0

    @property
    def is_sample(self) -> bool:
        """Whether it was made up, rather than given."""
        return self.stores > 0


def made(kept: Path, environment: Mapping[str, str], *, stores: int, days: int) -> Data:
    """Return a made-up fleet, kept in ``kept`` from one bench to the next.

    Raises ``Failed`` if the disk has no room for it.
    """
    folder = kept / f"stores-{stores}-days-{days}-seed-{SEED}"
    if not folder.exists():
        _need_room(kept, stores * days * BYTES_A_STORE_A_DAY)
        say(f"Making {stores} stores with {days} days of polls in {folder} ...")
        unfinished = folder.with_suffix(".unfinished")
        size = [f"--stores={stores}", f"--days={days}", f"--seed={SEED}", f"--until={UNTIL}"]
        command = ["manage.py", "sample_data", str(unfinished), *size, "--verbosity=0"]
        timed_process(command, rows=0, environment=environment)
        unfinished.rename(folder)
    return _data("sample", folder, environment, stores)


def given(folder: Path, environment: Mapping[str, str]) -> Data | None:
    """Return the files of a folder under its name, None if there is no such folder."""
    if not folder.is_dir():
        say(f"SKIPPED: there is no folder {folder}.")
        return None
    return _data(folder.resolve().name, folder.resolve(), environment)


def _data(name: str, folder: Path, environment: Mapping[str, str], stores: int = 0) -> Data:
    polls = probe("poll_file", folder, environment=environment)
    return Data(name=name, folder=folder, polls=Path(polls), stores=stores)


def _need_room(kept: Path, size: int) -> None:
    """Check that a fleet's files fit, with as much again left for what is made of them."""
    kept.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(kept).free
    if free < 2 * size:
        raise Failed(f"{kept} has {free / 1e9:.1f} GB free, {2 * size / 1e9:.1f} are needed")
