"""Workers and beat, by their heartbeats and the sweeps that they finished."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django_celery_results.models import TaskResult

from jobs import clock
from storemonitor.models import Worker
from storemonitor.operations.code import code_version
from storemonitor.operations.doctor.findings import Finding, counted, fail, fine, named, warn
from storemonitor.operations.heartbeats import FORGOTTEN_AFTER, is_clock_off, is_silent
from storemonitor.operations.sweeps import is_late, last_sweep

_START_WORKER = (
    ".venv/bin/celery -A storemonitor.celery worker, or ./run, which starts everything;"
    " the log of the one before says why it ended"
)
_START_BEAT = (
    ".venv/bin/celery -A storemonitor.celery beat, exactly one; ./run has it in its worker"
)
_COUNTED = timedelta(minutes=3)


def alive() -> Iterator[Finding]:
    """Find out whether workers write their heartbeat."""
    now = clock.now()
    known = list(Worker.objects.filter(beat_at__gte=now - FORGOTTEN_AFTER))
    silent = [worker for worker in known if is_silent(worker, now)]
    living = [worker for worker in known if worker not in silent]
    if not living:
        yield fail("no worker is alive: reports and files wait", _START_WORKER)
    if silent:
        since = min(worker.beat_at for worker in silent)
        names = named([str(worker) for worker in silent])
        text = f"{counted(len(silent), 'worker')} silent since {since:%H:%M} UTC: {names}"
        yield warn(text, f"see its log; if it is dead: {_START_WORKER}")
    if living:
        yield fine(f"{counted(len(living), 'worker')} alive")


def code() -> Iterator[Finding]:
    """Compare the code of workers with the code that is installed here."""
    mine = code_version()
    old = [worker for worker in _living() if worker.code != mine]
    if old:
        names = named([str(worker) for worker in old])
        pids = " ".join(str(worker.pid) for worker in old)
        text = f"{counted(len(old), 'worker runs', 'workers run')} other code than this: {names}"
        yield warn(
            text, f"kill -TERM {pids}, on their machine, and start them; ./run does by itself"
        )


def clocks() -> Iterator[Finding]:
    """Find workers whose clock differs from the database's."""
    for worker in filter(is_clock_off, _living()):
        seconds = round(worker.clock_ahead.total_seconds())
        how = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'}"
        text = f"the clock of {worker} is {how} the database's: its log has wrong times"
        yield warn(text, "timedatectl set-ntp true, on its machine")


def beat() -> Iterator[Finding]:
    """Find out from the sweeps whether beat sends them, and only one beat."""
    living = _living()
    if not living:
        return  # Without a worker no sweep can finish.
    now, last = clock.now(), last_sweep()
    if is_late(now, alive_since=min(worker.started_at for worker in living), last=last):
        when = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet"
        yield fail(f"no sweep has finished {when}: lost and due jobs wait", _START_BEAT)
        return
    # Each worker sweeps once when it starts.
    started = sum(now - worker.started_at < _COUNTED for worker in living)
    usual = _COUNTED / timedelta(seconds=settings.SWEEP_SECONDS) + started
    sweeps = TaskResult.objects.filter(task_name="reports.sweep", date_created__gt=now - _COUNTED)
    count = sweeps.count()
    if count > 1.5 * usual + 2:
        text = (
            f"{count} sweeps in {_COUNTED // timedelta(minutes=1)} minutes instead of {usual:.0f}"
        )
        do = "end all but one: pgrep -af 'celery.* beat|celery.*--beat' on each machine lists them"
        yield warn(f"{text}: more than one beat is running", do)
    elif last:
        yield fine(f"the last sweep was at {last:%H:%M:%S} UTC")


def _living() -> list[Worker]:
    now = clock.now()
    return [worker for worker in Worker.objects.all() if not is_silent(worker, now)]
