"""A whole server of real processes in its own folder, and a client for its API."""

import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from storemonitor.launch import process_groups, services
from storemonitor.launch.supervisor import Guard
from tests.end_to_end.forked import ROOT, Forked
from tests.isolation import free_port

HOST = "127.0.0.1"
PATIENCE = 180.0
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
UNFINISHED = "SELECT id FROM reports_report WHERE status IN ('Queued', 'Running')"
WORKER = (*services.WORKER, services.EMBEDDED_BEAT)
# In one process, as each takes a second to start.
PREPARE = """
import django
django.setup()

from django.core.management import call_command
from storemonitor.launch.preparation import INGESTED

call_command("migrate", verbosity=0)
if sample := {sample!r}:
    call_command("sample_data", {files!r}, *sample)
if files := {files!r}:
    try:
        call_command("ingest", files)
    except SystemExit as end:
        assert end.code in INGESTED, end.code
"""


@cache
def _guard():
    """Return a process that ends those of every stack if this one is killed."""
    return Guard()


@dataclass(frozen=True)
class Answer:
    """The server's answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Ended:
    """A command's exit code and output."""

    returncode: int
    stdout: str
    stderr: str


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
        self._started = {}
        self._tables = ()

    # Processes

    def start(self, name, command, **environment):
        """Start one of the product's commands in its own process group."""
        log = self.folder / f"{name}.log"
        told = {**self.environment, **environment}
        process = Forked(command, env=told, stdout=log.with_suffix(".out"), stderr=log)
        _guard().started(process.pid)
        self._groups[name] = process
        self._started[name] = (command, environment)
        return process

    def start_web(self, **environment):
        self.start("web", services.WEB, **environment)
        until(self.answers)

    def start_worker(self):
        self.start("worker", WORKER)

    def restore(self):
        """Make a web server and a worker run normally, with nothing left to do."""
        usual = {"worker": (WORKER, {}), "web": (services.WEB, {})}
        for name, process in [*self._groups.items()]:
            if process.poll() is None and self._started[name] == usual.get(name):
                self.thaw(name)
            else:
                self._end(self._groups.pop(name))
        if "worker" not in self._groups:
            self.start_worker()
        if "web" not in self._groups:
            self.start_web()
        until(lambda: not self.query(UNFINISHED))

    def kill(self, name):
        """Kill every process of a command at once, as the kernel would when memory runs out."""
        process = self._groups.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _guard().ended(process.pid)

    def group(self, name):
        """Return the process group of a command, which is also the id of its first process."""
        return self._groups[name].pid

    def freeze(self, name):
        """Stop every process of a command where it stands."""
        os.killpg(self._groups[name].pid, signal.SIGSTOP)

    def thaw(self, name):
        """Let a frozen command go on."""
        os.killpg(self._groups[name].pid, signal.SIGCONT)

    def stop(self):
        """End everything; ``restore`` starts it again."""
        while self._groups:
            self._end(self._groups.popitem()[1])

    def _end(self, process):
        process_groups.end([process.pid], grace=0.0)
        process.wait()
        _guard().ended(process.pid)

    def manage(self, *arguments):
        """Run a command of manage.py and return how it ended."""
        return self.run("manage", *arguments)

    def run(self, *command):
        """Run a module, or a script after ``-c``, in the system's environment."""
        told = {"DJANGO_SETTINGS_MODULE": "storemonitor.settings", **self.environment}
        with TemporaryDirectory() as folder:
            stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
            code = Forked(command, env=told, stdout=stdout, stderr=stderr).wait()
            return Ended(code, stdout.read_text(), stderr.read_text())

    # Database

    def prepare(self, files=None, *, sample=(), and_then=""):
        """Make the tables and ingest ``files`` or a sample made by these options, if given."""
        files = self.folder / "files" if sample else files
        script = PREPARE.format(files=files and str(files), sample=sample) + and_then
        prepared = self.run("-c", script)
        assert prepared.returncode == 0, prepared.stderr
        self._tables = [table for table in self._all_tables() if not self._rows(table)]

    def empty(self):
        """Remove the rows of each table that had none at first, and every file."""
        if self._is_sqlite:
            for table in self._tables:
                self.query(f"DELETE FROM {table}")
        else:
            self._truncate(attempts=5)
        shutil.rmtree(self.folder / "media", ignore_errors=True)

    def _truncate(self, attempts):
        try:
            self.query(f"TRUNCATE {', '.join(self._tables)}")
        except psycopg.errors.DeadlockDetected:
            # A sweep was building an index, and waits for whoever waits for its table.
            if attempts == 1:
                raise
            self._truncate(attempts - 1)

    def _all_tables(self):
        catalog = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if self._is_sqlite
            else "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        return [table for (table,) in self.query(catalog)]

    def _rows(self, table):
        return self.query(f"SELECT count(*) FROM {table}")[0][0]

    def query(self, statement):
        """Return the rows of a statement, past everything that is being tested."""
        if self._is_sqlite:
            path = self._database_url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def _is_sqlite(self):
        return self._database_url.startswith("sqlite")

    def counts(self):
        """Return how many rows the source data has, by table."""
        tables = ("ingestion_store", "ingestion_businesshours", "ingestion_poll")
        return {table: self._rows(table) for table in tables}

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
        """Wait until the report is no longer running and return its status answer."""

        def ended():
            answer = self.get(f"/get_report?report_id={report_id}").json
            return answer if answer["status"] != "Running" else None

        return until(ended)

    def download(self, report_id):
        return self.get(f"/download_report?report_id={report_id}").body

    def answers(self):
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False


def offline(folder, *options, output):
    """Return the bytes of the report made without a server from the files in ``folder``."""
    command = [sys.executable, "-m", "reports.offline.command", str(folder), "-o", str(output)]
    command += options
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode in {0, 3}, ended.stderr
    return output.read_bytes()


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
