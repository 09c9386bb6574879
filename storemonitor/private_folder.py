"""The folder of data is its owner's: other users of the machine may not look into it."""

import os
import stat
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(folder: Path) -> None:
    """Make the folder if need be, for its owner only, and so whatever this process makes later.

    One that is there already is tightened. One that belongs to somebody else, or that many write
    to, such as /tmp, stays as it is.
    """
    os.umask(_OTHERS)
    folder.mkdir(parents=True, exist_ok=True)
    status = folder.stat()
    is_ours = status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX
    if is_ours and status.st_mode & _OTHERS:
        folder.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
