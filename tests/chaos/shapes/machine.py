"""One small machine as ``./run`` serves it: the launcher, SQLite, and a folder as the queue."""

import os
import shutil
import signal
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.chaos.disks import disk, mount_fault
from tests.chaos.system import System
from tests.end_to_end.stack import processes_naming, until

DATA_MEGABYTES, QUEUE_MEGABYTES = 120, 2
LAUNCHER = ("storemonitor.launch.launcher",)
# A word of the command of each service.
SERVICES = {"web": "gunicorn", "worker": "worker"}


class Machine(System):
    """The launcher starts web and worker, and starts them again."""

    vendor = "sqlite"

    def __init__(self, folder, *, disks):
        super().__init__(
            folder,
            usual={"launcher": (LAUNCHER, {})},
            disks=disks,
            told={"SAMPLE_STORES": "0"},
        )

    @property
    def outbox(self):
        return self.folder.parent

    @property
    def queue(self):
        return self.folder / "queue"

    def waiting(self, queue):
        """Return how many messages wait in a queue of the broker."""
        return len([*(self.queue / "messages").glob(f"*.{queue}.msg")])

    def log_files(self):
        return [*super().log_files(), *sorted((self.folder / "log").glob("*.log"))]

    def kill_service(self, name):
        """Kill all processes of a service at once; the launcher starts it again."""
        self._signal(name, signal.SIGKILL)

    def freeze_service(self, name):
        self._signal(name, signal.SIGSTOP)

    def thaw_service(self, name):
        self._signal(name, signal.SIGCONT)

    def all_ended(self):
        """Return whether no process of the installation runs."""
        return not processes_naming(f"VAR_DIR={self.folder}\0")

    def empty_queue(self):
        """Remove the queue's folders, as if somebody had tidied up."""
        for folder in self.queue.iterdir():
            shutil.rmtree(folder, ignore_errors=True)

    def close(self):
        """End everything; the services end with the launcher."""
        self.stop()
        until(self.all_ended, seconds=60)

    def _signal(self, name, number):
        for group in self._groups_of(SERVICES[name]):
            with suppress(ProcessLookupError):
                os.killpg(group, number)

    def _groups_of(self, word):
        found = set()
        for pid in processes_naming(f"VAR_DIR={self.folder}\0"):
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if word.encode() in words:
                    found.add(os.getpgid(pid))
        return found


@contextmanager
def running_machine(folder, *, stores, seed):
    """Yield the machine over a sample of so many stores, everything running."""
    data = folder / "var"
    with ExitStack() as resources:
        disks = {}
        if not mount_fault():
            for name, place, size in (
                ("data", data, DATA_MEGABYTES),
                ("queue", data / "queue", QUEUE_MEGABYTES),
            ):
                disks[name] = resources.enter_context(disk(place, megabytes=size))
        data.mkdir(exist_ok=True)
        system = Machine(data, disks=disks)
        resources.callback(system.close)
        system.begin(stores=stores, seed=seed)
        yield system
