"""Keeps the server's processes running, and ends all of them together.

1. Each service runs in its own process group, which the guard knows.
2. A service that ends is restarted after a pause, which doubles with each quick end in a row, up
   to a minute. The others keep running.
3. A service that has never run well and ends quickly five times in a row is misconfigured, and the
   user who started it is still there to see ``GaveUp``. One that has run well has a passing
   problem, such as a full disk, and is restarted for as long as it takes.
4. Leaving the ``with`` block ends every group, in the reverse order of starting.
"""

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from storemonitor.launch import process_groups

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
MAX_LOG_BYTES = 8 * 1024 * 1024
_LITTLE_BYTES = 1024 * 1024


class GaveUp(Exception):
    """A service kept ending at once; the text says which, and ends with its log."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process to keep running."""

    name: str
    argv: Sequence[str]
    log: Path  # For standard output and error.
    environment: Mapping[str, str] = field(default_factory=dict)  # Added to our own.


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Time-outs and counts by which the supervisor judges an end."""

    quick: float = 15.0  # A shorter life counts as a quick end; from here on it runs well.
    pause: float = 0.5  # Before the first restart; doubles with each quick end.
    longest_pause: float = 60.0
    quick_ends: int = 5  # In a row, before giving up on one that never ran well.
    grace: float = 10.0  # For an orderly end, before killing.


class Guard:
    """Our end of ``guard``, which keeps ``handles`` open as long as it runs."""

    def __init__(self, handles: Sequence[int] = ()) -> None:
        self._process = subprocess.Popen(  # a constant # nosec B603
            [sys.executable, "-m", "storemonitor.launch.guard"],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            pass_fds=handles,
            cwd=ROOT,
        )

    def started(self, group: int) -> None:
        """Tell the guard to end a process group if we do not."""
        self._tell(f"+{group}\n")

    def ended(self, group: int) -> None:
        """Tell the guard that the group has ended."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End the guard and wait for it."""
        self._process.communicate()

    def _tell(self, line: str) -> None:
        if self._process.stdin is None:
            raise ValueError("the guard was started without a pipe")
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            logger.warning(
                "the guard has ended; if the launcher is killed now, its services keep running"
            )


class Child:
    """One service and its current process, if any."""

    def __init__(self, service: Service, *, guard: Guard, patience: Patience) -> None:
        self.service = service
        self._guard = guard
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._start_at = 0.0
        self._quick_ends = 0
        self._was_well = False

    @property
    def group(self) -> int | None:
        """The process group, which is also the leader's id; None between two starts."""
        return self._process.pid if self._process else None

    def step(self, now: float) -> None:
        """Start the service if it is due; notice its end. Raises ``GaveUp``."""
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
        elif self._process.poll() is not None:
            self._note_end(self._process, now)
        else:
            self._was_well = self._was_well or now - self._started >= self._patience.quick
            _keep_short(self.service.log)

    def _start(self, now: float) -> None:
        try:
            self._process = self._spawned()
        except OSError as error:  # No memory, no process left, or no log folder.
            self._again(f"cannot be started ({error})", now)
        else:
            self._guard.started(self._process.pid)
            self._started = now

    def _spawned(self) -> "subprocess.Popen[bytes]":
        self.service.log.parent.mkdir(parents=True, exist_ok=True)
        with self.service.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the services are ours # nosec B603
                self.service.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=ROOT,
                env={**os.environ, **self.service.environment},
            )

    def _note_end(self, process: subprocess.Popen[bytes], now: float) -> None:
        self.forget()
        if now - self._started >= self._patience.quick:
            self._quick_ends = 0
        self._again(describe_end(process.returncode), now)

    def _again(self, how: str, now: float) -> None:
        """Schedule a restart. Raises ``GaveUp``."""
        self._quick_ends += 1
        name, log = self.service.name, self.service.log
        if self._quick_ends >= self._patience.quick_ends and not self._was_well:
            raise GaveUp(
                f"{name} {how}, {self._quick_ends} times in a row; the end of {log}:\n{_tail(log)}"
            )
        pause = self._patience.pause * 2 ** min(self._quick_ends - 1, 16)
        pause = min(pause, self._patience.longest_pause)
        self._start_at = now + pause
        logger.warning("%s %s; restarting it in %.1f s", name, how, pause)
        if self._quick_ends > 1:
            logger.warning("%s: %s", name, _what_to_do(log))

    def forget(self) -> None:
        """Kill the rest of a group whose leader has ended: it would interfere with the new one."""
        if self._process is not None:
            process_groups.kill(self._process.pid)
            self._process.wait()
            self._guard.ended(self._process.pid)
            self._process = None


class Supervisor:
    """Runs services inside its ``with`` block; call ``step`` a few times a second."""

    def __init__(
        self,
        services: Sequence[Service],
        *,
        patience: Patience | None = None,
        handles: Sequence[int] = (),
    ) -> None:
        self._patience = patience or Patience()
        self._guard = Guard(handles)
        self.children = [
            Child(service, guard=self._guard, patience=self._patience) for service in services
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def step(self) -> None:
        """Restart services that ended. Raises ``GaveUp``."""
        now = time.monotonic()
        for child in self.children:
            child.step(now)

    def stop(self) -> None:
        """End every service and wait until all their processes are gone."""
        running = [child.group for child in reversed(self.children) if child.group is not None]
        process_groups.end(running, grace=self._patience.grace)
        for child in self.children:
            child.forget()
        self._guard.close()


def describe_end(code: int) -> str:
    """Return how a process ended, from the return code of ``Popen``."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _what_to_do(log: Path) -> str:
    """Return a sentence on why a service keeps ending, for the user who can fix it."""
    try:
        free = shutil.disk_usage(log.parent).free
    except OSError as error:
        return f"{log.parent} cannot be used ({error}). Restore it. The rest keeps running."
    if free < _LITTLE_BYTES:
        return f"the disk of {log.parent} is full. Free some space. The rest keeps running."
    return f"see its log, {log}: {_tail(log, 1)}. It is restarted until that is fixed."


def _keep_short(log: Path) -> None:
    """Move a long log to ``NAME.1``; its writers append, so they continue with an empty one.

    On a full disk the content is lost, which frees space.
    """
    if not log.exists() or log.stat().st_size <= MAX_LOG_BYTES:
        return
    try:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    except OSError as error:
        logger.warning("the older lines of %s are lost: %s", log, error)
    os.truncate(log, 0)


def _tail(log: Path, lines: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError as error:
        return f"({error})"
