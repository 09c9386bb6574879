"""Several hosts: web and servers on one, and a worker on each of two others, all on a network.

Hosts share the database, the broker and a bucket, and no folder.
"""

from contextlib import ExitStack, contextmanager

from tests.chaos.network import network
from tests.chaos.shapes.servers import own_servers
from tests.chaos.system import COMMANDS, WORKERS, System
from tests.object_storage import bucket

# A minute by default; here the servers end the sessions of a host while the fault lasts.
KEEPALIVE = "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_user_timeout=4000"
# Seconds by which the hosts' clocks are off.
AHEAD = {"one": 60.0, "two": -60.0}


class Hosts(System):
    """``hosts`` can be cut off, by the names of their workers; ``query`` and web never are."""

    def __init__(self, folder, *, postgres, redis, disks, network, bucket):
        self.postgres, self.redis, self.hosts = postgres, redis, network.hosts
        self.address, self._bucket = network.address, bucket
        usual = {name: (COMMANDS[name], {}) for name in ("web", "beat")}
        for name in WORKERS:
            place = folder / f"host-{name}"
            (place / "temporary").mkdir(parents=True)
            own = {"VAR_DIR": str(place), "TMPDIR": str(place / "temporary")}
            command = network.hosts[name].command(COMMANDS[name], ahead=AHEAD[name])
            usual[name] = (command, own)
        super().__init__(
            folder,
            usual=usual,
            disks=disks,
            told={
                "DATABASE_URL": f"postgres://postgres@{network.address}:{postgres.port}/postgres"
                f"?options={KEEPALIVE.replace(' ', '%20')}",
                "CELERY_BROKER_URL": f"redis://{network.address}:{redis.port}/0",
                "SECRET_KEY": "the-same-on-every-host-of-chaos, 0123456789 abcdefgh",
                **bucket.environment,
            },
            database_url=postgres.url,
            broker_url=redis.url,
        )

    def waiting(self, queue):
        """Return how many messages wait in a queue of the broker."""
        return self.redis.command("LLEN", queue)

    def stored(self, name):
        return self._bucket.content(name)

    def stored_names(self):
        return set(self._bucket.names())

    def restore(self):
        """Put the cables back, too."""
        for host in self.hosts.values():
            host.reconnect()
        super().restore()

    def close(self):
        """End everything."""
        self.stop()


@contextmanager
def running_hosts(folder, *, stores, seed):
    """Yield the hosts over a sample of so many stores, everything running."""
    with ExitStack() as resources:
        net = resources.enter_context(network(WORKERS))
        postgres, redis, disks = own_servers(resources, net.address)
        kept = resources.enter_context(bucket(net.address))
        system = Hosts(
            folder, postgres=postgres, redis=redis, disks=disks, network=net, bucket=kept
        )
        resources.callback(system.close)
        system.begin(stores=stores, seed=seed)
        yield system
