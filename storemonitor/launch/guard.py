"""Ends the server's processes if the launcher was killed and cannot.

It runs as its own process (``python -m storemonitor.launch.guard``) and reads lines from a pipe:
``+GROUP`` for a process group that was started, ``-GROUP`` for one that ended. The pipe closes
with the launcher, however that ends; groups still listed are then ended.
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
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    process_groups.end(watch(sys.stdin), grace=GRACE)


if __name__ == "__main__":
    main()
