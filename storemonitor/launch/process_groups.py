"""Process groups: ended as a whole, so that no grandchild is left behind."""

import os
import signal
import time
from collections.abc import Callable, Collection

PAUSE = 0.05


def exists(group: int) -> bool:
    """Return whether the group has any process."""
    return _sent(os.killpg, group, 0)


def end(groups: Collection[int], *, grace: float) -> None:
    """End the groups: ask their leaders, wait up to ``grace`` seconds, then kill the rest.

    Only the leaders are asked, because they end their own children in order: a worker's leader lets
    a running report finish first.
    """
    for group in groups:
        _sent(os.kill, group, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(exists(group) for group in groups):
        _reap(groups)
        time.sleep(PAUSE)
    for group in groups:
        kill(group)


def kill(group: int) -> None:
    _sent(os.killpg, group, signal.SIGKILL)


def _reap(groups: Collection[int]) -> None:
    """Reap leaders that are our children and have ended; a zombie counts as existing."""
    for group in groups:
        try:
            os.waitpid(group, os.WNOHANG)
        except ChildProcessError:
            continue


def _sent(send: Callable[[int, int], None], target: int, number: int) -> bool:
    try:
        send(target, number)
    except (ProcessLookupError, PermissionError):  # Darwin raises EPERM for zombies.
        return False
    return True
