"""Where figures are measured: which files, which database, how often."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bench.measure import Failed, Run, Side, probe, say
from bench.servers import SQLITE, Server
from feeds.files.sources import from_folder
from feeds.parsing import FeedReader
from feeds.values import instant
from sample_data.fleet import Sample

NO_DATABASE = "none"
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


def made(kept: Path, *, stores: int, days: int) -> Data:
    """Return a made-up fleet, kept in ``kept`` from one bench to the next.

    Raises ``Failed`` if the disk has no room for it.
    """
    folder = kept / f"stores-{stores}-days-{days}-seed-{SEED}"
    if not folder.exists():
        _need_room(kept, stores * days * BYTES_A_STORE_A_DAY)
        say(f"Making {stores} stores with {days} days of polls in {folder} ...")
        unfinished = folder.with_suffix(".unfinished")
        unfinished.mkdir(exist_ok=True)
        Sample(stores, days, SEED, instant(UNTIL)).write(unfinished)
        unfinished.rename(folder)
    return Data(name="sample", folder=folder, polls=_polls(folder), stores=stores)


def given(folder: Path) -> Data | None:
    """Return the files of a folder, named after it; None if the folder does not exist."""
    if not folder.is_dir():
        say(f"SKIPPED: {folder} is not a folder.")
        return None
    folder = folder.resolve()
    return Data(name=folder.name, folder=folder, polls=_polls(folder))


def _polls(folder: Path) -> Path:
    for source in from_folder(folder):
        with source.open() as stream:
            if FeedReader(stream, name=source.name).feed == "status":
                return folder / source.name
    raise Failed(f"{folder} has no file of polls")


def _need_room(kept: Path, size: int) -> None:
    """Check that a fleet's files fit, with as much room again for the databases made from them."""
    kept.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(kept).free
    if free < 2 * size:
        raise Failed(f"{kept} has {free / 1e9:.1f} GB free, {2 * size / 1e9:.1f} are needed")


@dataclass(frozen=True, kw_only=True)
class Lab:
    """These files, this database, this many turns.

    ``server`` is None where no database is needed. ``folder`` is for what the runs leave behind;
    ``ends`` ends with the lab. ``large`` makes a fleet of about ten times the stores, ``huge`` of
    seventy; ``weeks`` is how long a long history is, ``requests`` how often a page is asked for;
    ``of_real_size`` tells whether targets apply.
    """

    data: Data
    server: Server | None
    folder: Path
    environment: Mapping[str, str]
    turns: int
    weeks: int
    requests: int
    large: Callable[[], Data]
    huge: Callable[[], Data]
    of_real_size: bool
    ends: ExitStack

    @property
    def database(self) -> str:
        """The database's name in the table."""
        return self.server.name if self.server else NO_DATABASE

    @property
    def place(self) -> tuple[str, str]:
        """Where it was measured, for the table."""
        return self.data.name, self.database

    def probe(self, name: str, *arguments: object) -> Run:
        """Run a probe."""
        return probe(name, *arguments, environment=self.environment)

    def side(self, name: str, *arguments: object) -> Side:
        """Return a probe as one side of a comparison."""
        return lambda: self.probe(name, *arguments)

    def target(self, at_most: float) -> float | None:
        """Return a target where it applies: none was set for SQLite."""
        return at_most if self.of_real_size and self.database != SQLITE else None

    def with_settings(self, **settings: str) -> "Lab":
        """Return this lab with more variables for everything that is started in it."""
        return replace(self, environment={**self.environment, **settings})

    def with_database(self) -> "Lab":
        """Return this lab with a database and a folder of its own, the database without data."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        url = self.ends.enter_context(self.server.database(folder)) if self.server else ""
        places = {
            "VAR_DIR": str(folder),
            "MEDIA_ROOT": str(folder / "media"),
            "DATABASE_URL": url or f"sqlite:///{folder / 'db.sqlite3'}",
        }
        lab = replace(self, folder=folder, environment={**self.environment, **places})
        if self.server:
            lab.probe("migrate")
        return lab

    @cached_property
    def second(self) -> "Lab":
        """A lab like this one on another database, to compare with."""
        return self.with_database()
