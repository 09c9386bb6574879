"""``./run [PATH ...]``: prepares what is missing, then serves until Ctrl-C.

Web and worker are child processes. The launcher restarts them if they end, and stops them when it
ends itself. Ctrl-C, SIGTERM and SIGHUP are normal ends: exit code 0.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from types import FrameType

import django
from django.conf import settings
from django.db import OperationalError, connection

from storemonitor.launch import anonymous, services
from storemonitor.launch.client import Client
from storemonitor.launch.first_board import await_board
from storemonitor.launch.first_report import show_report
from storemonitor.launch.folder import Folder, InUse, free_port, taken
from storemonitor.launch.supervisor import GaveUp, Supervisor
from storemonitor.launch.terminal import say
from storemonitor.queue import folder as queue_folder

TICK_SECONDS = 0.1
START_SECONDS = 120
PRUNE_TICKS = 6000  # Ten minutes.
# The address for local clients of a server that listens on every address.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound to # nosec B104


class CannotServe(Exception):
    """The text is one sentence for the user who ran the command."""


class Ending:
    """The request to end. With ``at_once``, it interrupts the current work."""

    def __init__(self) -> None:
        self.wished = False
        self.at_once = True

    def listen(self) -> None:
        """Handle the signals that end a server; a hang-up that ``nohup`` ignores stays ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.wished = True
        if self.at_once:
            raise KeyboardInterrupt


def main() -> int:
    ending = Ending()
    ending.listen()
    try:
        django.setup()
        _log_less()
        stores, port = _number("SAMPLE_STORES", 1000), _number("PORT", 8000)
        with taken(settings.VAR_DIR) as folder:
            prepare(stores, sys.argv[1:])
            ending.at_once = False
            serve(folder, port, ending)
    except KeyboardInterrupt:
        say("Stopped.")
        return 0
    except OperationalError as error:
        return _refuse(f"The database cannot be used: {str(error).strip()}")
    except (CannotServe, GaveUp, InUse) as error:
        return _refuse(str(error))
    raise AssertionError("serving ends by an exception only")


def _log_less() -> None:
    """Reduce logging on the terminal; the servers' logs have their own level."""
    if not os.environ.get("LOG_LEVEL"):
        logging.getLogger().setLevel(logging.WARNING)


def _refuse(reason: str) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"\n{reason}\n")
    return 1


# Preparing -----------------------------------------------------------------------------------


def prepare(stores: int, paths: Sequence[str]) -> None:
    """Create the tables, an administrator and data, and print what was done.

    The data come from ``paths`` (folders, files), or from a sample if there are none.
    """
    from storemonitor.launch import preparation  # noqa: PLC0415 - its models need django.setup()

    say("Store Monitoring", "")
    migrations = preparation.migrate()
    say(f"  database   {_database_name()}, {_migrated(migrations)}")
    password = preparation.make_administrator()
    if password:
        name = preparation.ADMINISTRATOR
        say(
            f"  admin      user {name}, password {password}",
            f"             (shown only once; `./run manage changepassword {name}` sets a new one)",
        )
    try:
        if paths:
            preparation.fill_with(paths)
        else:
            preparation.fill_with_sample(settings.VAR_DIR / "sample", stores=stores)
    except preparation.CannotPrepare as error:
        raise CannotServe(str(error)) from error
    queue_folder.prune()
    connection.close()


def _database_name() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite, {given['NAME']}"
    return f"{connection.display_name}, {given['NAME']} on {given['HOST']}"


def _migrated(count: int) -> str:
    return f"{count} migrations applied" if count else "up to date"


def _number(name: str, default: int) -> int:
    """Return the whole number in an environment variable. Raises ``CannotServe``."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal():
        raise CannotServe(f"{name} is {text!r}, which is not a whole number.")
    return int(text)


# Serving -------------------------------------------------------------------------------------


def serve(folder: Folder, wanted: int, ending: Ending) -> None:
    """Run web and worker, the web on the first free port from ``wanted`` on.

    Ends with ``KeyboardInterrupt`` on request, otherwise with an error.
    """
    host = os.environ.get("HOST") or "127.0.0.1"
    port = free_port(host, wanted)
    if port != wanted:
        say(f"  port       {wanted} is taken, using {port}")
    logs = settings.VAR_DIR / "log"
    logs.mkdir(exist_ok=True)
    here = LOOPBACK.get(host, host)
    name = f"[{here}]" if ":" in here else here
    hosts = ",".join([*settings.ALLOWED_HOSTS, name])
    url = f"http://{name}:{port}"
    site = {"SITE_URL": settings.SITE_URL or url}
    opened = _openness(host)
    others = {**opened, **site}
    web = services.web(
        host=host, port=port, allowed_hosts=hosts, log=logs / "web.log", others=others
    )
    worker = services.worker(concurrency=_concurrency(), log=logs / "worker.log", others=site)
    folder.serve_at(url)
    with Supervisor([web, worker], handles=[folder.handle]) as supervisor:
        ticks = keep_running(supervisor, ending)
        client = Client(here, port)
        _await_health(client, ticks)
        say(f"  web        {url}", f"  logs       {logs}", "")
        report_id = _first_report(here, port, ticks)
        await_board(ticks)
        _show_addresses(url, report_id, is_open=bool(opened or settings.ANONYMOUS_SCOPES))
        for _ in ticks:
            queue_folder.prune()
            _pass(ticks, PRUNE_TICKS)


def keep_running(supervisor: Supervisor, ending: Ending) -> Iterator[None]:
    """Yield a few times a second, checking every service, until ``KeyboardInterrupt``."""
    while not ending.wished:
        supervisor.step()
        yield
        time.sleep(TICK_SECONDS)
    say(
        "",
        "Stopping. A running report is finished first if that takes at most 10 s.",
    )
    raise KeyboardInterrupt


def _openness(host: str) -> dict[str, str]:
    """Return the environment for anonymous access; if it is closed, print how to get in."""
    behind_proxy = settings.HTTPS or settings.TRUSTED_PROXIES > 0
    opened = anonymous.default_scopes(host, behind_proxy=behind_proxy)
    if not opened and not settings.ANONYMOUS_SCOPES:
        make = "./run manage create_token --name NAME --scope read"
        say(f"  access     by password, or by token: {make}")
    return opened


def _pass(ticks: Iterator[None], count: int) -> None:
    for _ in range(count):
        next(ticks)


def _concurrency() -> int | None:
    """Return 1 on SQLite, which has one writer; None leaves it to the settings."""
    if connection.vendor == "sqlite" and "CELERY_WORKER_CONCURRENCY" not in os.environ:
        return 1
    return None


def _first_report(host: str, port: int, ticks: Iterator[None]) -> str | None:
    from storemonitor.launch import preparation  # noqa: PLC0415 - its models need django.setup()

    with preparation.passing_token() as token:
        return show_report(Client(host, port, token=token), ticks)


def _await_health(client: Client, ticks: Iterator[None]) -> None:
    deadline = time.monotonic() + START_SECONDS
    for _ in ticks:
        if client.healthy():
            return
        if time.monotonic() > deadline:
            raise CannotServe(
                f"The web server did not answer within {START_SECONDS} s. See its log."
            )


def _show_addresses(url: str, report_id: str | None, *, is_open: bool) -> None:
    example = report_id or "REPORT_ID"
    token = "" if is_open else "-H 'Authorization: Bearer TOKEN' "
    say(
        f"  board      {url}/",
        f"  API        {url}/docs",
        f"  admin      {url}/admin/",
        f"  new report curl -X POST {token}{url}/trigger_report",
        f"  its CSV    curl -O -J {token}'{url}/download_report?report_id={example}'",
        f"  own data   ./run manage ingest DIR{_of_sample()}",
        "",
        "Serving until Ctrl-C.",
    )


def _of_sample() -> str:
    from ingestion.sample_stores import has_sample  # noqa: PLC0415 - needs django.setup()

    return ", which replaces the sample" if has_sample() else ""


if __name__ == "__main__":
    sys.exit(main())
