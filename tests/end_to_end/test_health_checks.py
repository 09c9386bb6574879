"""The health checks of docker-compose.yml, run against the processes that they watch over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from storemonitor.launch import services
from tests.end_to_end.conftest import ON_SERVERS
from tests.end_to_end.stack import ROOT, until

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.fixture
def healthy(filled):
    """Return a question: does the health check of this service pass?"""
    replaced = {
        "localhost:8000": f"localhost:{filled.port}",
        "/var/lib/storemonitor": filled.folder,
    }

    def check(name):
        kind, *words = COMPOSE[name]["healthcheck"]["test"]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        for inside, here in {**replaced, "$$": "$"}.items():
            command = [word.replace(inside, str(here)) for word in command]
        path = f"{Path(sys.executable).parent}:{filled.environment['PATH']}"
        environment = {**filled.environment, "PATH": path}
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        return ended.returncode == 0

    return check


def test_it_tells_a_web_server_that_answers_from_one_that_is_gone(filled, healthy):
    assert healthy("web")
    filled.kill("web")
    assert not healthy("web")
    filled.start_web()


# A worker is asked through Redis; the embedded one is watched by the launcher.
@pytest.mark.parametrize("filled", [ON_SERVERS], indirect=True)
def test_it_tells_a_worker_that_answers_from_one_that_is_gone(filled, healthy):
    assert until(lambda: healthy("worker"))
    filled.kill("worker")
    assert not healthy("worker")
    filled.start_worker()


def test_it_tells_a_beat_that_writes_from_one_that_stopped(filled, healthy):
    filled.kill("worker")
    for path in filled.folder.glob("beat-schedule*"):
        path.unlink()
    assert not healthy("beat")
    filled.start("beat", services.BEAT)
    assert until(lambda: healthy("beat"))
    filled.kill("beat")
    for path in filled.folder.glob("beat-schedule*"):
        os.utime(path, (0, 0))
    assert not healthy("beat")
