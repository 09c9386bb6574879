"""The whole product as real processes, everything of which may break."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from storemonitor.launch import services
from tests.chaos.polls import UNTIL, PollFiles
from tests.chaos.work import Client
from tests.end_to_end.stack import QUICK, Stack, until

WORKERS = ("one", "two")
COMMANDS = {
    "web": services.WEB,
    **{name: (*services.WORKER, f"--hostname={name}@%h") for name in WORKERS},
    "beat": services.BEAT,
}
TOLD = {
    **QUICK,
    "LOG_LEVEL": "WARNING",
    # The sample's week is more than one shard, its last hour is not.
    "REPORT_SHARD_POLLS": "9000",
    "REPORT_MAX_UNFINISHED": "0",
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8,198.18.0.0/15",
    "SITE_URL": "https://monitor.example.com",
}
CRY_SECONDS = 2.0
COMPLETE = "SELECT id, file FROM reports_report WHERE status = 'Complete'"


class System(Stack):
    """The processes of an installation by name, how each is started, and what they have stored.

    ``usual`` has the command of each and what its environment has besides. ``disks`` has the file
    systems that can be filled, by name; without rights to mount it has none.
    """

    vendor = "postgresql"
    address = "127.0.0.1"  # At which all its processes reach this machine.

    def __init__(self, folder, *, usual, disks, told, **servers):
        super().__init__(folder, **servers)
        self.disks = disks
        self.emptied = set()
        self.files = self.client = None
        self._usual = usual
        self._aside = {}
        self._sessions = {}  # Of every command that was ever started.
        temporary = folder / "temporary"
        temporary.mkdir(exist_ok=True)
        self.environment |= {**TOLD, "TMPDIR": str(temporary), **told}

    def begin(self, *, stores, seed):
        """Store a sample of so many stores, and start everything."""
        self.prepare(sample=(f"--stores={stores}", "--days=8", f"--until={UNTIL}"))
        self.files = PollFiles(self.folder / "files", seed=seed)
        self.client = Client(self, self.files)
        self.restore()

    # Processes

    def start(self, name, command, **environment):
        process = super().start(name, command, **environment)
        self._sessions[process.pid] = name
        return process

    def start_usual(self, name):
        command, environment = self._usual[name]
        return self.start(name, command, **environment)

    def strays(self):
        """Return the running processes of commands that have ended themselves."""
        current = {process.pid for process in self._groups.values() if process.poll() is None}
        current |= {process.pid for process in self._aside.values() if process.poll() is None}
        past = self._sessions.keys() - current
        return {pid: self._sessions[session] for pid, session in sessions() if session in past}

    def restore(self):
        """Start what has ended, let go on what is frozen, and wait until the web answers."""
        for name in self._usual:
            process = self._groups.get(name)
            if process is not None and process.poll() is None and self._is_usual(name):
                self.thaw(name)
            else:
                self.end(name)
                self.start_usual(name)
        until(self.answers)

    def _is_usual(self, name):
        return self._started[name] == self._usual[name]

    def end(self, name):
        """End what is left of a command, whatever state it is in."""
        if name in self._groups:
            self._end(self._groups.pop(name))

    def drain(self, name):
        """Ask a command to finish what it has and to end."""
        self._groups[name].send_signal(signal.SIGTERM)

    def cry(self, name):
        """Have a worker write into its log where each of its threads is, if it still can."""
        self._groups[name].send_signal(signal.SIGUSR1)
        time.sleep(CRY_SECONDS)

    def set_aside(self, name):
        """Let another process take the name of a command that is about to end."""
        self._aside[name] = self._groups.pop(name)

    def draining(self, name):
        """Return whether the command that was set aside still runs."""
        return self._aside[name].poll() is None

    def has_ended(self, name):
        return self._groups[name].poll() is not None

    def kill_leader(self, name):
        """Kill the first process of a command only."""
        self._groups[name].send_signal(signal.SIGKILL)

    def kill_children(self, name):
        """Kill the other processes of a command only."""
        for pid in children(self._groups[name].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # Files

    @property
    def outbox(self):
        """The folder of files that clients send; it is never full."""
        return self.folder

    def stored(self, name):
        """Return the content of a file in media storage."""
        return (self.folder / "media" / name).read_bytes()

    def stored_names(self):
        """Return the names of all files in media storage."""
        media = self.folder / "media"
        return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}

    def temporary_files(self):
        return [path for path in self.folder.glob("**/temporary/**/*") if path.is_file()]

    def empty_reports(self):
        """Remove the files of complete reports and all snapshots, and note whose they were."""
        for report, file in self.query(COMPLETE):
            self.emptied.add(str(UUID(str(report))))
            (self.folder / "media" / file).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "media" / "snapshots", ignore_errors=True)

    def log_files(self):
        return sorted(self.folder.glob("*.log"))

    def log_lines(self):
        """Return all that the processes have logged above INFO, and what no logger wrote."""
        return [
            line
            for path in self.log_files()
            for line in path.read_text(errors="replace").splitlines()
            if " INFO " not in line and "[INFO]" not in line and line.strip()
        ]


def children(pid):
    """Return the processes that a process has started and that have not ended."""
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except OSError:
        return []


def sessions():
    """Yield every process of the machine that is no zombie, with its session."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if state != "Z":
                yield int(folder.name), int(session)
