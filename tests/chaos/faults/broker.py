"""Redis killed, emptied, hanging, full, cut off and slow."""

from contextlib import contextmanager

from tests.chaos.faults import Fault


def killed(*, durable):
    """With an append-only file the queue is there again afterwards; without one it is gone."""

    @contextmanager
    def provoke(system, _):
        system.redis.kill()
        yield
        if not durable:
            system.redis.lose_data()
        system.redis.start()

    return provoke


@contextmanager
def emptied(system, _):
    system.redis.command("FLUSHALL")
    yield


@contextmanager
def frozen(system, _):
    system.redis.freeze()
    yield
    system.redis.thaw()


@contextmanager
def full(system, _):
    """Writing is refused, as by noeviction with all memory in use."""
    system.redis.command("CONFIG", "SET", "maxmemory", "1")
    yield
    system.redis.command("CONFIG", "SET", "maxmemory", "0")


@contextmanager
def cut(system, _):
    system.to_redis.cut()
    yield


@contextmanager
def silent(system, _):
    system.to_redis.hold()
    yield
    system.to_redis.heal()


@contextmanager
def slow(system, chance):
    system.to_redis.slow(chance.choice((0.02, 0.1)))
    yield
    system.to_redis.heal()


FAULTS = (
    Fault(name="Redis killed, with AOF", provoke=killed(durable=True), away=True),
    Fault(name="Redis killed, without AOF", provoke=killed(durable=False), away=True),
    Fault(name="Redis emptied (FLUSHALL)", provoke=emptied, hold=(0.5, 2.0)),
    Fault(name="Redis hangs (SIGSTOP)", provoke=frozen, away=True, hold=(4.0, 8.0)),
    Fault(name="Redis full (maxmemory)", provoke=full, away=True),
    Fault(name="connections to Redis cut", provoke=cut, hold=(0.5, 2.0)),
    Fault(name="network to Redis silent", provoke=silent, away=True, hold=(4.0, 8.0)),
    Fault(name="network to Redis slow", provoke=slow),
)
