"""A Redis of a test's own, which may be frozen, killed, emptied and started again."""

import shutil
import signal
import subprocess
import time

import redis

from tests.isolation import free_port

PATIENCE = 20.0


class OwnRedis:
    """A server with its data in ``folder``, in an append-only file; also at ``addresses``."""

    def __init__(self, folder, addresses=()):
        self.folder = folder
        self._addresses = addresses
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process = None

    def start(self):
        """Start the server and wait until it answers."""
        options = {
            "--port": str(self.port),
            "--bind": " ".join(("127.0.0.1", *self._addresses)),
            "--protected-mode": "no",
            # Seconds of silence after which it closes a connection whose other end is gone.
            "--tcp-keepalive": "1",
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "yes",
        }
        words = [word for option in options.items() for word in option]
        self._process = subprocess.Popen(["redis-server", *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, "the Redis did not start"
            time.sleep(0.05)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def lose_data(self):
        """Remove the file of a server that does not run, as if it had kept none."""
        shutil.rmtree(self.folder / "appendonlydir")

    def freeze(self):
        """Stop the server where it stands."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """Let the server go on."""
        self._process.send_signal(signal.SIGCONT)

    def command(self, *words):
        """Run one command of Redis."""
        with redis.from_url(self.url, socket_timeout=3) as client:
            return client.execute_command(*words)

    def _answers(self):
        try:
            return self.command("PING")
        except redis.RedisError:
            return False


def own_redis_fault():
    """Return why no server of our own can be started, or None."""
    return None if shutil.which("redis-server") else "no redis-server to start"
