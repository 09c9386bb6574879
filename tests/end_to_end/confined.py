"""The containers of docker-compose.yml without a Docker engine: its commands, confined as it says.

Each runs in namespaces of its own (bubblewrap): as its user, without capabilities, on a read-only
root with its volumes and tmpfs at their places. All share one network, which has nothing but a
loopback, so that ports, commands and health checks stay as they are. What the images of others do
before their command is done here by hand; `IMAGES` has it.
"""

import ctypes
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from tests.end_to_end.stack import until
from tests.paths import ROOT
from tests.servers import need

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
NGINX = """
pid /tmp/nginx.pid;
error_log /dev/stderr notice;
events {}
http {
    client_body_temp_path /tmp/client;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    access_log off;
    include /etc/nginx/conf.d/*.conf;
}
"""
POSTGRES = """
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
"$bin/initdb" -D $data -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --no-sync \
    --locale=C.UTF-8 --auth-local=trust --auth-host="$POSTGRES_HOST_AUTH_METHOD"
echo "CREATE DATABASE $POSTGRES_DB" | "$bin/postgres" --single -D $data postgres
exec "$bin/postgres" -D $data -c fsync=off -c shared_memory_type=mmap
"""
# The commands of images that docker-compose.yml leaves to them.
IMAGES = {
    "postgres": ["sh", "-ec", POSTGRES],
    "tls": ["nginx", "-e", "stderr", "-g", "daemon off;"],
}
# Of the root of this machine, what the images have.
SHOWN = ("bin", "etc", "home", "lib", "lib32", "lib64", "opt", "root", "sbin", "usr")
# Of the image.
USER = "10001:10001"
CLONE_NEWNET = 0x40000000


def need_programs():
    """Skip the tests, or fail in CI, where they cannot run."""
    programs = ("bwrap", "unshare", "nsenter", "ip", "nginx", "openssl", "redis-server", "wget")
    missing = [program for program in programs if not shutil.which(program)]
    if missing or not [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]:
        need(f"{', '.join(missing) or 'PostgreSQL'} not installed")
    if os.geteuid() != 0:
        need("only root may make the network of the containers")


class Containers:
    """The containers, started one by one; they end with the block."""

    def __init__(self, folder, settings, files):
        self.folder = folder
        self._settings = settings
        self._files = files
        self._processes = []

    def __enter__(self):
        command = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec cat"]
        self._network = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._network.stdout.readline() == "up\n"
        hosts = "".join(f"127.0.0.1 {name}\n" for name in ("localhost", *SERVICES))
        (self.folder / "hosts").write_text(hosts)
        users = {service.get("user", USER).partition(":")[0] for service in SERVICES.values()}
        passwd = "".join(f"user{user}:x:{user}:{user}::/:/bin/sh\n" for user in users)
        (self.folder / "passwd").write_text(passwd)
        (self.folder / "group").write_text("".join(f"user{user}:x:{user}:\n" for user in users))
        (self.folder / "nginx.conf").write_text(NGINX)
        for volume in COMPOSE["volumes"]:
            (self.folder / volume).mkdir()
        self._inside = ThreadPoolExecutor(1, initializer=self._enter)
        return self

    def __exit__(self, *_):
        self._inside.shutdown()
        for process in self._processes[::-1]:
            process.kill()
            process.wait()
        self._network.communicate()

    def _enter(self):
        with Path(f"/proc/{self._network.pid}/ns/net").open() as network:
            libc = ctypes.CDLL(None, use_errno=True)
            assert libc.setns(network.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    def inside(self, function, *arguments):
        """Call a function in the network of the containers."""
        return self._inside.submit(function, *arguments).result()

    def start(self, *names):
        """Start services, and wait until each is healthy."""
        processes = {name: self._started(name) for name in names}
        for name, process in processes.items():
            until(lambda: process.poll() is not None or self.is_healthy(name), pause=0.5)  # noqa: B023
            assert process.poll() is None, (self.folder / f"{name}.log").read_text()

    def _started(self, name):
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(self._command(name), stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def run(self, name, *command, mounts=()):
        """Run a command as `docker compose run` does, by default the service's own."""
        return subprocess.run(
            self._command(name, command, mounts), capture_output=True, text=True, check=False
        )

    def is_healthy(self, name):
        kind, *words = SERVICES[name]["healthcheck"]["test"]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        return self.run(name, *command).returncode == 0

    def _command(self, name, command=(), mounts=()):
        service = SERVICES[name]
        words = command or service.get("command") or IMAGES[name]
        user = service.get("user", USER).partition(":")[0]
        return [
            *("nsenter", f"--net=/proc/{self._network.pid}/ns/net", "bwrap"),
            *("--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc"),
            *("--uid", user, "--gid", user, "--cap-drop", "ALL", "--clearenv"),
            *self._root(),
            *self._mounts(service, mounts),
            # The code, and the Python of the tests, wherever it is.
            *("--ro-bind", str(ROOT), "/app", "--ro-bind", sys.prefix, sys.prefix),
            *("--remount-ro", "/etc/nginx", "--remount-ro", "/", "--chdir", "/app"),
            *self._environment(service),
            *(word.replace("$$", "$") for word in words),
        ]

    def _root(self):
        for name in SHOWN:
            path = Path("/", name)
            if path.is_symlink():
                yield from ("--symlink", str(path.readlink()), str(path))
            elif path.is_dir():
                yield from ("--ro-bind", str(path), str(path))
        yield from ("--proc", "/proc", "--dev", "/dev", "--symlink", "/run", "/var/run")
        yield from ("--tmpfs", "/etc/nginx")
        for name in ("hosts", "passwd", "group", "nginx/nginx.conf"):
            yield from ("--ro-bind", str(self.folder / Path(name).name), f"/etc/{name}")

    def _mounts(self, service, more):
        for tmpfs in service["tmpfs"]:
            yield from ("--tmpfs", re.sub(r"^/var/run", "/run", tmpfs.partition(":")[0]))
        for mount in (*service.get("volumes", []), *more):
            volume, place, *mode = mount.split(":")
            yield from ("--ro-bind" if mode else "--bind", str(self.folder / volume), place)
        for config in service.get("configs", []):
            source = ROOT / COMPOSE["configs"][config["source"]]["file"]
            yield from ("--ro-bind", str(source), config["target"])
        for name in service.get("secrets", []):
            yield from ("--ro-bind", str(self._files[name]), f"/run/secrets/{name}")

    def _environment(self, service):
        programs = f"{sys.prefix}/bin:/usr/lib/postgresql/bin:/usr/sbin:/usr/bin:/bin"
        image = dict(re.findall(r"^\s+([A-Z_]+)=(\S+)", (ROOT / "Dockerfile").read_text(), re.M))
        told = {**image, "PATH": programs, **service.get("environment", {})}
        for name, value in told.items():
            yield from ("--setenv", name, re.sub(r"\$\{([A-Z_]+):-([^}]*)\}", self._set, value))

    def _set(self, found):
        return self._settings.get(found[1], found[2])
