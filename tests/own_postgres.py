"""A PostgreSQL of a test's own, which may be made to hang, stopped and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.isolation import free_port
from tests.servers import need

PROGRAMS = "/usr/lib/postgresql"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
}


class OwnPostgres:
    """A server with its data in ``folder``, which may be frozen, stopped and started.

    It also listens at ``addresses``, and trusts whoever connects there.
    """

    def __init__(self, folder, addresses=()):
        self.folder = folder
        self._addresses = addresses
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._user = "postgres" if os.geteuid() == 0 else None
        self._process = None

    def create(self):
        """Make the files of an empty server."""
        if self._user:
            shutil.chown(self.folder, self._user)
        made = [_program("initdb"), "-D", self.folder, "-U", "postgres", "--auth=trust"]
        self._run([*made, "--no-sync"])
        with (self.folder / "pg_hba.conf").open("a") as trusted:
            trusted.writelines("host all all samenet trust\n" for _ in self._addresses[:1])

    def start(self):
        """Start the server and wait until it answers."""
        listening = ",".join((SETTINGS["listen_addresses"], *self._addresses))
        settings = {**SETTINGS, "listen_addresses": listening}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [_program("postgres"), "-D", self.folder, "-p", str(self.port), *options]
        self._process = subprocess.Popen(command, **self._quiet)
        _await(self.url)

    def stop(self, number=signal.SIGQUIT):
        """End the server: SIGQUIT at once, as if it had crashed; SIGINT in order."""
        if self.ended():
            return
        self.thaw()
        self._process.send_signal(number)
        self._process.wait(timeout=30)

    def ended(self):
        """Return whether it does not run, be it that it ended itself."""
        return self._process is None or self._process.poll() is not None

    def freeze(self):
        """Stop every process of the server where it stands."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        """Let the server go on."""
        self._signal(signal.SIGCONT)

    @property
    def _quiet(self):
        unheard = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return {"cwd": "/", "user": self._user, **unheard}

    def _run(self, command):
        subprocess.run(command, check=True, **{**self._quiet, "stderr": None})

    def _signal(self, number):
        leader = self._process.pid
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        for process in (leader, *map(int, children)):
            with suppress(ProcessLookupError):  # One for a connection that was just closed.
                os.kill(process, number)


def own_postgres_fault():
    """Return why no server of our own can be started, or None."""
    if not sorted(Path(PROGRAMS).glob("*/bin/initdb")) or not Path("/proc/self/task").exists():
        return f"no PostgreSQL to start ({PROGRAMS}/*/bin)"
    return None


@contextmanager
def own_postgres():
    """Start a PostgreSQL and yield it; skips where its programs are not installed."""
    need(own_postgres_fault())
    # Not below pytest's folder, into which only its owner may look.
    with tempfile.TemporaryDirectory(prefix="storemonitor-postgres-") as folder:
        server = OwnPostgres(Path(folder))
        server.create()
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _program(name):
    return sorted(Path(PROGRAMS).glob(f"*/bin/{name}"))[-1]


def _await(url, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url, connect_timeout=3).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
