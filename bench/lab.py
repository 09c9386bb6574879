"""Where a group of figures is measured: which files, which database, how often."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.databases import SQLITE, Server
from bench.fleet import Data
from bench.measure import Run, Side, probe

NO_DATABASE = "none"


@dataclass(frozen=True, kw_only=True)
class Lab:
    """These files, this database, this many turns.

    ``server`` is None where no database is needed. ``folder`` is for what the runs leave behind.
    ``large`` makes a fleet of about ten times the stores; ``weeks`` is how long a long history is.
    ``of_real_size`` tells whether targets apply.
    """

    data: Data
    server: Server | None
    folder: Path
    environment: Mapping[str, str]
    turns: int
    weeks: int
    large: Callable[[], Data]
    of_real_size: bool

    @property
    def database(self) -> str:
        """What the table calls the database."""
        return self.server.name if self.server else NO_DATABASE

    @property
    def place(self) -> tuple[str, str]:
        """What the table says of where it was."""
        return self.data.name, self.database

    def probe(self, name: str, *arguments: object) -> Run:
        """Run a probe."""
        run: Run = probe(name, *arguments, environment=self.environment)
        return run

    def side(self, name: str, *arguments: object) -> Side:
        """Return a probe as one side of a comparison."""
        return lambda: self.probe(name, *arguments)

    def target(self, at_most: float) -> float | None:
        """Return a target where it applies: none was set for SQLite."""
        return at_most if self.of_real_size and self.database != SQLITE else None

    def with_settings(self, **settings: str) -> "Lab":
        """Return this lab with more variables for everything that is started in it."""
        return replace(self, environment={**self.environment, **settings})

    @contextmanager
    def elsewhere(self, data: Data | None = None) -> Iterator["Lab"]:
        """Yield a lab like this one in another empty database of the same server."""
        if self.server is None:
            raise ValueError("There is no server to have another database on.")
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        with self.server.database(folder) as url:
            environment = {**self.environment, **places(folder, url)}
            yield replace(self, data=data or self.data, folder=folder, environment=environment)


def places(folder: Path, url: str = "") -> dict[str, str]:
    """Return where everything that is started finds its database and files."""
    return {
        "VAR_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "DATABASE_URL": url or f"sqlite:///{folder / 'db.sqlite3'}",
    }
