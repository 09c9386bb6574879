"""Which groups of figures there are, where each applies, and how long each takes."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import figures, figures_of_scale
from bench.databases import POSTGRESQL, SQLITE
from bench.lab import NO_DATABASE, Lab
from bench.table import Row


@dataclass(frozen=True, kw_only=True)
class Group:
    """Figures that are measured together.

    ``on`` names the databases, ``minutes`` what a full run took on one of them with two cores.
    ``sample_only``: only for the made-up fleet, of which a larger one can be made.
    """

    measure: Callable[[Lab], list[Row]]
    on: tuple[str, ...]
    minutes: float
    sample_only: bool = False


GROUPS = {
    "ingestion": Group(measure=figures.ingestion, on=(POSTGRESQL, SQLITE), minutes=2),
    "report": Group(measure=figures.report, on=(POSTGRESQL, SQLITE), minutes=1),
    "workers": Group(measure=figures.workers, on=(POSTGRESQL,), minutes=1),
    "history": Group(
        measure=figures_of_scale.history, on=(POSTGRESQL,), minutes=3, sample_only=True
    ),
    "scale": Group(measure=figures_of_scale.scale, on=(POSTGRESQL,), minutes=7, sample_only=True),
    "offline": Group(measure=figures.offline, on=(NO_DATABASE,), minutes=1),
}
