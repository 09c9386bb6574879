"""A PostgreSQL of a test's own, which may be made to hang."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.servers import need


class OwnPostgres:
    """A server of one test's own, which may be frozen."""

    def __init__(self, process, port):
        self.url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        self._process = process

    def freeze(self):
        """Stop every process of the server where it stands."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        """Let the server go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        leader = self._process.pid
        children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
        for process in (leader, *map(int, children)):
            with suppress(ProcessLookupError):  # One for a connection that was just closed.
                os.kill(process, number)


@contextmanager
def own_postgres():
    """Start a PostgreSQL and yield it; skips where its programs are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or not Path("/proc/self/task").exists():
        need("no PostgreSQL to start (/usr/lib/postgresql/*/bin)")
    user = "postgres" if os.geteuid() == 0 else None
    # Not below pytest's folder, into which only its owner may look.
    with tempfile.TemporaryDirectory(prefix="storemonitor-postgres-") as folder:
        data, port = Path(folder), _free_port()
        if user:
            shutil.chown(data, user)
        made = [found[-1], "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
        quiet = {
            "cwd": "/",
            "user": user,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        subprocess.run(made, check=True, **{**quiet, "stderr": None})
        said = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        options = [word for name, value in said.items() for word in ("-c", f"{name}={value}")]
        command = [found[-1].with_name("postgres"), "-D", data, "-p", str(port), *options]
        process = subprocess.Popen(command, **quiet)
        server = OwnPostgres(process, port)
        try:
            _await(server.url)
            yield server
        finally:
            server.thaw()
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=30)


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


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
