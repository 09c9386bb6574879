"""The files in which the processes of one web server count their requests.

They are in a folder of the server's own, which ends with it. Each process counts in the files of
its *slot*; when it ends, its successor takes the slot over and goes on counting. So counters never
go back, and the number of files stays the same however often a process is replaced.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from prometheus_client import values

# The library reads it.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_BEGINNING = "storemonitor-requests-"
_KINDS = ("counter", "histogram")
# Several times what our routes need. A file that had to grow on a full disk would end its process.
_BYTES = 1024 * 1024


def make(where: Path | None) -> Path:
    """Make the folder of this server, and remove those that killed servers left behind."""
    parent = where or Path(tempfile.gettempdir())
    for path in parent.glob(f"{_BEGINNING}*"):
        if path.lstat().st_uid == os.getuid() and not _is_in_use(path):
            shutil.rmtree(path, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_BEGINNING}{os.getpid()}-", dir=parent))


def free_slot(taken: Iterable[int]) -> int:
    """Return the lowest number that is not taken."""
    others = set(taken)
    return next(slot for slot in range(len(others) + 1) if slot not in others)


def count_in(slot: int) -> None:
    """Make this process count in the files of its slot. Raises OSError if they cannot be made.

    Call it before the first counter is made.
    """
    for kind in _KINDS:
        path = Path(os.environ[VARIABLE], f"{kind}_{slot}.db")
        if not path.exists():
            path.write_bytes(bytes(_BYTES))
    values.ValueClass = values.MultiProcessValue(partial(int, slot))  # type: ignore[no-untyped-call]


def _is_in_use(folder: Path) -> bool:
    """Tell whether the server that made the folder, whose process id is in its name, still runs."""
    number = folder.name.removeprefix(_BEGINNING).partition("-")[0]
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OverflowError, PermissionError):
        return True  # Not a name of ours, or the process of another user.
    return True
