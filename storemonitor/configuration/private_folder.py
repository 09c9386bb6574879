"""A data folder that other users of the machine cannot read."""

import os
import stat
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(folder: Path) -> None:
    """Create the folder for its owner only, and make new files of this process private, too.

    The permissions of an existing folder are tightened. A folder of another user, or one that many
    write to, such as /tmp, stays as it is.
    """
    os.umask(_OTHERS)
    folder.mkdir(parents=True, exist_ok=True)
    status = folder.stat()
    is_ours = status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX
    if is_ours and status.st_mode & _OTHERS:
        folder.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
