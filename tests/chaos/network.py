"""Hosts on a small network of our own: each is a network namespace on a bridge.

The servers stay where they are and listen on the bridge. A cable that is pulled out loses packets
silently, as a switch that fails does: nothing is refused and nothing is closed.
"""

import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager

from tests.isolation import one_of

# Set aside for tests of networks: no machine has these addresses.
NETWORK = "198.18.{number}.{host}"
NUMBERS = [f"network-{number}" for number in range(250)]
MASK = 24
CLONE_NEWNET = 0x40000000
# A forked process enters the host, and takes its clock, before it runs anything.
ON_HOST = f"""
import ctypes, os, runpy, sys, time
import time_machine
libc = ctypes.CDLL(None, use_errno=True)
with open("/run/netns/{{namespace}}") as network:
    if libc.setns(network.fileno(), {CLONE_NEWNET:#x}):
        raise OSError(ctypes.get_errno(), "setns")
time_machine.travel(time.time() + {{ahead}}, tick=True).start()
sys.argv = {{command!r}}
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


class Host:
    """A network namespace with one cable to the bridge, and a clock of its own."""

    def __init__(self, namespace, cable):
        self._namespace, self._cable = namespace, cable

    def command(self, command, *, ahead=0.0):
        """Return a command for ``Stack.start`` that runs a module on this host.

        Its clock is so many seconds ahead.
        """
        told = {"namespace": self._namespace, "command": [*command], "ahead": ahead}
        return ("-c", ON_HOST.format(**told))

    def cut_off(self):
        _ip("link", "set", self._cable, "down")

    def reconnect(self):
        _ip("link", "set", self._cable, "up")


class Network:
    """A bridge with the address of the servers, and hosts on it."""

    def __init__(self, address, hosts):
        self.address, self.hosts = address, hosts


@contextmanager
def network(names):
    """Make a bridge and a host for each name; yield them, and remove them afterwards."""
    with ExitStack() as resources:
        # While the number is ours, what has it was left by a run that was killed.
        number = resources.enter_context(one_of(NUMBERS)).rpartition("-")[2]
        bridge = f"chaos{number}"
        _make(resources, ("link", "add", bridge, "type", "bridge"), ("link", "del", bridge))
        address = NETWORK.format(number=number, host=1)
        _ip("address", "add", f"{address}/{MASK}", "dev", bridge)
        _ip("link", "set", bridge, "up")
        hosts = {
            name: _host(resources, bridge, place, NETWORK.format(number=number, host=10 + place))
            for place, name in enumerate(names)
        }
        yield Network(address, hosts)


def network_fault():
    """Return why no hosts can be made here, or None; and whether that can be helped."""
    if not shutil.which("ip"):
        return "ip (iproute2) is not installed", True
    if os.geteuid() != 0:
        return "only root may make hosts (network namespaces)", True
    try:
        with network(["trial"]):
            return None, True
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode().strip()
        return f"no network namespace can be made: {said}", False


def _host(resources, bridge, place, address):
    namespace = f"{bridge}-{place}"
    cable, plug = f"{namespace}c", f"{namespace}p"
    _make(resources, ("netns", "add", namespace), ("netns", "del", namespace))
    # The cable's other end goes with it.
    making = ("link", "add", cable, "type", "veth", "peer", "name", plug, "netns", namespace)
    _make(resources, making, ("link", "del", cable))
    _ip("link", "set", cable, "master", bridge, "up")
    _ip("-n", namespace, "link", "set", "lo", "up")
    _ip("-n", namespace, "address", "add", f"{address}/{MASK}", "dev", plug)
    _ip("-n", namespace, "link", "set", plug, "up")
    return Host(namespace, cable)


def _make(resources, making, removing):
    """Make something that is removed at the end, after what an earlier run may have left."""
    _ip(*removing, check=False)
    _ip(*making)
    resources.callback(_ip, *removing)


def _ip(*words, check=True):
    subprocess.run(["ip", *words], check=check, capture_output=True)
