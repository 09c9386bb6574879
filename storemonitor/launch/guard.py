"""Ends the server's processes when the launcher itself was killed and can not do so.

Runs as a process of its own (``python -m storemonitor.launch.guard``) and reads lines from a pipe:
``+GROUP`` for a process group that was started, ``-GROUP`` for one that ended. The pipe closes
with the launcher, however that ends; groups still listed are ended then.
"""

import signal
import sys
from collections.abc import Iterable

from storemonitor.launch import process_groups

GRACE = 10.0


def watch(lines: Iterable[str]) -> set[int]:
    """Read to the end of the pipe and return the groups that are left."""
    left: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            left.add(group)
        else:
            left.discard(group)
    return left


def main() -> None:
    """Watch over one launcher."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    process_groups.end(watch(sys.stdin), grace=GRACE)


if __name__ == "__main__":
    main()
