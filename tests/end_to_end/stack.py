"""A whole server of real processes in a folder of its own, and a client for its API."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from storemonitor import groups, services

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
PATIENCE = 40.0
# Short, so that a dead worker's report is retaken within seconds.
QUICK = {
    "REPORT_LEASE_SECONDS": "2",
    "REPORT_REQUEUE_SECONDS": "3",
    "SWEEP_SECONDS": "1",
    "CELERY_WORKER_CONCURRENCY": "1",
    "WEB_CONCURRENCY": "1",
    "ANONYMOUS_SCOPES": "read,ingest,admin",
    "RATE_LIMIT_READ": "0",
    "RATE_LIMIT_WRITE": "0",
}


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def until(question, *, seconds=PATIENCE, pause=0.05):
    """Return the first answer to ``question`` that is true; fail after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(pause)
    raise AssertionError(f"still not after {seconds} s: {question}")


class Stack:
    """Web and worker, started and ended as the compose file's commands would be."""

    def __init__(self, folder, *, database_url="", broker_url="filesystem://"):
        self.folder = folder
        self.port = free_port()
        self._database_url = database_url or f"sqlite:///{folder / 'db.sqlite3'}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "ALLOWED_HOSTS"},
            **QUICK,
            "VAR_DIR": str(folder),
            "DATABASE_URL": self._database_url,
            "CELERY_BROKER_URL": broker_url,
            "HOST": HOST,
            "PORT": str(self.port),
        }
        self._groups = {}

    # Processes

    def start(self, name, command, **environment):
        """Start one of the product's commands in a process group of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._groups[name] = process
        return process

    def start_web(self, **environment):
        self.start("web", services.WEB, **environment)
        until(self._answers)

    def start_worker(self):
        self.start("worker", (*services.WORKER, services.EMBEDDED_BEAT))

    def kill(self, name):
        """Kill every process of a command at once, as the kernel would when memory runs out."""
        process = self._groups.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def freeze(self, name):
        """Stop every process of a command where it stands."""
        os.killpg(self._groups[name].pid, signal.SIGSTOP)

    def thaw(self, name):
        """Let a frozen command go on."""
        os.killpg(self._groups[name].pid, signal.SIGCONT)

    def stop(self):
        for process in self._groups.values():
            groups.end([process.pid], grace=0.0)
            process.wait()

    def manage(self, *arguments):
        """Run a command of manage.py and return how it ended."""
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    # Database

    def query(self, statement):
        """Return the rows of a statement, past everything that is being tested."""
        if self._database_url.startswith("sqlite"):
            path = self._database_url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def counts(self):
        """Return how many rows the source data has, by table."""
        tables = ("ingestion_store", "ingestion_businesshours", "ingestion_poll")
        return {table: self.query(f"SELECT count(*) FROM {table}")[0][0] for table in tables}

    # HTTP

    def call(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.call("GET", path, **headers)

    def trigger(self):
        """Start a report and return its id."""
        answer = self.call("POST", "/trigger_report")
        assert answer.status == 202, answer.body
        return answer.json["report_id"]

    def finished(self, report_id):
        """Wait until the report is not running any more and return what is said of it."""

        def ended():
            answer = self.get(f"/get_report?report_id={report_id}").json
            return answer if answer["status"] != "Running" else None

        return until(ended)

    def download(self, report_id):
        return self.get(f"/download_report?report_id={report_id}").body

    def _answers(self):
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False


def offline(folder, *, output):
    """Return the bytes of the report made without a server from the files in ``folder``."""
    command = [sys.executable, "-m", "reports.offline", str(folder), "-o", str(output)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode in {0, 3}, ended.stderr
    return output.read_bytes()


def free_port():
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


def processes_naming(text):
    """Return the ids of processes that have ``text`` in their environment: all our descendants."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if text.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # Gone meanwhile, or another user's.
            continue
    return found
