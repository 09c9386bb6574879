import subprocess
import sys
import time
from threading import Thread

import pytest

from storemonitor.launch.guard import watch
from storemonitor.launch.supervisor import Guard


@pytest.fixture
def sleeper():
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    )
    yield process
    process.kill()
    process.wait()


def test_it_remembers_what_was_started_and_not_ended():
    assert watch(["+12\n", "+13\n", "-12\n", "-99\n"]) == {13}


def test_it_ends_what_is_left_when_the_pipe_closes(sleeper):
    guard = Guard()
    guard.started(sleeper.pid)
    closing = Thread(target=guard.close)
    closing.start()
    assert sleeper.wait(timeout=5) == -15
    closing.join()


def test_it_leaves_alone_what_had_ended_before(sleeper):
    guard = Guard()
    guard.started(sleeper.pid)
    guard.ended(sleeper.pid)
    guard.close()
    time.sleep(0.2)
    assert sleeper.poll() is None
