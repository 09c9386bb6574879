"""One machine with PostgreSQL and Redis, each behind a proxy: web, two workers and beat."""

from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.disks import disk, mount_fault
from tests.chaos.proxy import HOST, Proxy
from tests.chaos.system import COMMANDS, System
from tests.own_postgres import OwnPostgres, own_postgres_fault
from tests.own_redis import OwnRedis, own_redis_fault

DATABASE_MEGABYTES, FILES_MEGABYTES = 400, 64


class Servers(System):
    """Database and broker are reached through proxies; ``query`` goes past them."""

    def __init__(self, folder, *, postgres, redis, disks):
        self.postgres, self.redis = postgres, redis
        self.to_postgres, self.to_redis = Proxy(postgres.port), Proxy(redis.port)
        super().__init__(
            folder,
            usual={name: (command, {}) for name, command in COMMANDS.items()},
            disks=disks,
            told={
                "DATABASE_URL": f"postgres://postgres@{HOST}:{self.to_postgres.port}/postgres",
                "CELERY_BROKER_URL": f"redis://{HOST}:{self.to_redis.port}/0",
            },
            database_url=postgres.url,
            broker_url=redis.url,
        )

    def waiting(self, queue):
        """Return how many messages wait in a queue of the broker."""
        return self.redis.command("LLEN", queue)

    def close(self):
        """End everything."""
        self.stop()
        self.to_postgres.close()
        self.to_redis.close()


@contextmanager
def running_servers(folder, *, stores, seed):
    """Yield a system over a sample of so many stores, everything running."""
    with ExitStack() as resources:
        postgres, redis, disks = own_servers(resources)
        if disks:
            for name in ("media", "temporary"):
                mounted = disk(folder / name, megabytes=FILES_MEGABYTES)
                disks[name] = resources.enter_context(mounted)
        system = Servers(folder, postgres=postgres, redis=redis, disks=disks)
        resources.callback(system.close)
        system.begin(stores=stores, seed=seed)
        yield system


def own_servers(resources, *addresses):
    """Start a PostgreSQL and a Redis, also at these addresses; return them and their disks."""
    data = Path(resources.enter_context(TemporaryDirectory(prefix="storemonitor-chaos-")))
    # The server's own user must get there.
    data.chmod(0o711)
    folders = {"database": data / "postgres", "broker": data / "redis"}
    for each in folders.values():
        each.mkdir()
    disks = {}
    if not mount_fault():
        mounted = disk(folders["database"], megabytes=DATABASE_MEGABYTES)
        disks["database"] = resources.enter_context(mounted)
    postgres = OwnPostgres(folders["database"], addresses)
    redis = OwnRedis(folders["broker"], addresses)
    postgres.create()
    postgres.start()
    resources.callback(postgres.stop)
    redis.start()
    resources.callback(redis.kill)
    return postgres, redis, disks


def servers_fault():
    """Return why no system can be started here, or None."""
    return own_postgres_fault() or own_redis_fault()
