"""The whole product as real processes over servers of its own, everything of which may break."""

import os
import shutil
import signal
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from storemonitor.launch import services
from tests.chaos.disks import disk, mount_fault
from tests.chaos.polls import UNTIL, PollFiles
from tests.chaos.proxy import HOST, Proxy
from tests.chaos.work import Client
from tests.end_to_end.stack import QUICK, Stack, until
from tests.own_postgres import OwnPostgres, own_postgres_fault
from tests.own_redis import OwnRedis, own_redis_fault

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
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    "SITE_URL": "https://monitor.example.com",
}
COMPLETE = "SELECT id, file FROM reports_report WHERE status = 'Complete'"
DATABASE_MEGABYTES, FILES_MEGABYTES = 400, 64


class System(Stack):
    """Web, two workers and beat, and the servers and disks that they need.

    Database and broker are reached through proxies; ``query`` goes past them. ``disks`` has the
    file systems by name; without rights to mount it has none.
    """

    def __init__(self, folder, *, postgres, redis, disks):
        super().__init__(folder, database_url=postgres.url, broker_url=redis.url)
        self.postgres, self.redis, self.disks = postgres, redis, disks
        self.to_postgres, self.to_redis = Proxy(postgres.port), Proxy(redis.port)
        self.emptied = set()
        self._aside = {}
        self._sessions = {}  # Of every command that was ever started.
        temporary = folder / "temporary"
        temporary.mkdir(exist_ok=True)
        self.environment |= {
            **TOLD,
            "DATABASE_URL": f"postgres://postgres@{HOST}:{self.to_postgres.port}/postgres",
            "CELERY_BROKER_URL": f"redis://{HOST}:{self.to_redis.port}/0",
            "TMPDIR": str(temporary),
        }

    def start(self, name, command, **environment):
        process = super().start(name, command, **environment)
        self._sessions[process.pid] = name
        return process

    def strays(self):
        """Return the running processes of commands that have ended themselves."""
        current = {process.pid for process in self._groups.values() if process.poll() is None}
        current |= {process.pid for process in self._aside.values() if process.poll() is None}
        past = self._sessions.keys() - current
        return {pid: self._sessions[session] for pid, session in sessions() if session in past}

    def restore(self):
        """Start what has ended, let go on what is frozen, and wait until the web answers."""
        for name, command in COMMANDS.items():
            process = self._groups.get(name)
            if process is not None and process.poll() is None and self._is_usual(name):
                self.thaw(name)
            else:
                self.end(name)
                self.start(name, command)
        until(self.answers)

    def _is_usual(self, name):
        return self._started[name] == (COMMANDS[name], {})

    def end(self, name):
        """End what is left of a command, whatever state it is in."""
        if name in self._groups:
            self._end(self._groups.pop(name))

    def drain(self, name):
        """Ask a command to finish what it has and to end."""
        self._groups[name].send_signal(signal.SIGTERM)

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

    def empty_reports(self):
        """Remove the files of complete reports and all snapshots, and note whose they were."""
        for report, file in self.query(COMPLETE):
            self.emptied.add(str(report))
            (self.folder / "media" / file).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "media" / "snapshots", ignore_errors=True)

    def waiting(self, queue):
        """Return how many messages wait in a queue of the broker."""
        return self.redis.command("LLEN", queue)

    def log_lines(self):
        """Return all that the processes have logged above INFO, and what no logger wrote."""
        return [
            line
            for path in sorted(self.folder.glob("*.log"))
            for line in path.read_text(errors="replace").splitlines()
            if " INFO " not in line and "[INFO]" not in line and line.strip()
        ]

    def close(self):
        """End everything."""
        self.stop()
        self.to_postgres.close()
        self.to_redis.close()


@contextmanager
def running_system(folder, *, stores, seed):
    """Yield a system over a sample of so many stores, everything running."""
    with ExitStack() as resources:
        disks = {}
        data = Path(resources.enter_context(TemporaryDirectory(prefix="storemonitor-chaos-")))
        # The server's own user must get there.
        data.chmod(0o711)
        folders = {"database": data / "postgres", "broker": data / "redis"}
        for each in folders.values():
            each.mkdir()
        if not mount_fault():
            sizes = {
                "database": (folders["database"], DATABASE_MEGABYTES),
                "media": (folder / "media", FILES_MEGABYTES),
                "temporary": (folder / "temporary", FILES_MEGABYTES),
            }
            for name, (place, size) in sizes.items():
                disks[name] = resources.enter_context(disk(place, megabytes=size))
        postgres, redis = OwnPostgres(folders["database"]), OwnRedis(folders["broker"])
        postgres.create()
        postgres.start()
        resources.callback(postgres.stop)
        redis.start()
        resources.callback(redis.kill)
        system = System(folder, postgres=postgres, redis=redis, disks=disks)
        resources.callback(system.close)
        system.prepare(sample=(f"--stores={stores}", "--days=8", f"--until={UNTIL}"))
        system.files = PollFiles(folder / "files", seed=seed)
        system.client = Client(system, system.files)
        system.restore()
        yield system


def servers_fault():
    """Return why no system can be started here, or None."""
    return own_postgres_fault() or own_redis_fault()


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
