"""Small file systems of our own, which can be filled and made read-only."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.end_to_end.stack import until

BLOCK = 1024 * 1024
BALLAST = "ballast"
BUSY_SECONDS = 30


class Disk:
    """A mounted tmpfs."""

    def __init__(self, folder):
        self.folder = folder

    def fill(self):
        """Leave no room for another byte."""
        with (self.folder / BALLAST).open("wb", buffering=0) as file:
            for size in (BLOCK, 4096):
                _write_until_full(file, size)

    def free(self):
        (self.folder / BALLAST).unlink(missing_ok=True)

    def forbid_writing(self):
        """Refuse all writing from now on, as soon as no file is open for it."""
        # A file system with open files could not be remounted read-only, a bind mount can.
        until(self._forbidden, seconds=BUSY_SECONDS, pause=0.001)

    def _forbidden(self):
        try:
            _run("mount", "-o", "remount,bind,ro", self.folder)
        except subprocess.CalledProcessError as error:
            if b"busy" not in error.stderr:
                raise
            return False
        return True

    def allow_writing(self):
        _run("mount", "-o", "remount,bind,rw", self.folder)


@contextmanager
def disk(folder, *, megabytes):
    """Mount a file system at the folder and yield it; unmount it afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    # Mode 0700 as for the folders that it replaces.
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "storemonitor-chaos", folder)
    try:
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", folder)


def mount_fault():
    """Return why no file system can be mounted here, or None."""
    if os.geteuid() != 0:
        return "mounting a small file system needs root"
    with TemporaryDirectory() as folder:
        try:
            with disk(Path(folder), megabytes=1):
                return None
        except (OSError, subprocess.CalledProcessError) as error:
            return f"no small file system can be mounted: {error}"


def _run(*command):
    subprocess.run(command, check=True, capture_output=True)


def _write_until_full(file, size):
    try:
        while True:
            file.write(bytes(size))
    except OSError:
        return
