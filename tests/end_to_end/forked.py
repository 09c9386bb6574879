"""Commands in separate processes, forked from one that has imported the libraries.

They run what ``python -m`` would run, without the second or two of imports each time, which are
half of the end-to-end tests. ``./run`` itself is tested with real starts.
"""

import os
import runpy
import sys
import time
from multiprocessing import get_context

from tests.paths import ROOT

# None of these reads the settings, which differ from one process to the next.
LIBRARIES = [
    "adbc_driver_postgresql.dbapi",
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "pandas",
    "psycopg",
    "pyarrow.compute",
    "redis",
    "requests",
    "xlsxwriter",
]

_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND

_context = get_context("forkserver")
_context.set_forkserver_preload([__name__, *LIBRARIES])


class Forked:
    """A process with the methods of ``subprocess.Popen`` that tests use."""

    def __init__(self, command, *, env, stdout, stderr):
        arguments = ([*map(str, command)], dict(env), str(stdout), str(stderr))
        # As a daemon it ends with us, should a test leave it behind.
        self._process = _context.Process(target=_become, args=arguments, daemon=True)
        self._process.start()
        self.pid = self._process.pid
        # Only then does a signal to the group reach it.
        while self.poll() is None and os.getsid(self.pid) != self.pid:
            time.sleep(0.001)

    @property
    def returncode(self):
        return self._process.exitcode

    def poll(self):
        return self._process.exitcode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def wait(self, timeout=None):
        self._process.join(timeout)
        return self._process.exitcode


def _become(command, environment, stdout, stderr):
    os.setsid()
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, stdout, _APPEND),
        (2, stderr, _APPEND),
    ):
        os.dup2(os.open(path, flags), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    module, *arguments = command
    sys.argv = [module, *arguments]
    if module == "-c":
        exec(arguments[0], {"__name__": "__main__"})
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
