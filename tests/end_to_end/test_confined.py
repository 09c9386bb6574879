"""The production-like start as docker-compose.yml confines it, from files to a report, over TLS."""

import http.client
import json
import socket
import ssl
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.confined import Containers, need_programs
from tests.end_to_end.stack import offline, until

HOST = "monitor.example.com"
SETTINGS = {"ALLOWED_HOSTS": HOST, "CSRF_TRUSTED_ORIGINS": f"https://{HOST}", "HTTPS": "true"}
LASTING = ("postgres", "redis", "web", "tls", "worker", "beat")


def certificate(folder):
    """Make a certificate of our own and return its files by the names of their secrets."""
    files = {"certificate": folder / "certificate.pem", "certificate-key": folder / "key.pem"}
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    named = [
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={HOST}",
        "-addext",
        f"subjectAltName=DNS:{HOST}",
    ]
    places = ["-keyout", files["certificate-key"], "-out", files["certificate"]]
    subprocess.run([*made, *named, *places], check=True, capture_output=True)
    return files


@pytest.fixture(scope="module")
def containers(sample):
    need_programs()
    with tempfile.TemporaryDirectory(prefix="storemonitor-containers-") as name:
        folder = Path(name)
        with Containers(folder, SETTINGS, certificate(folder)) as containers:
            assert containers.run("secrets").returncode == 0
            containers.start("postgres", "redis")
            migrated = containers.run("migrate")
            assert migrated.returncode == 0, migrated.stderr
            containers.start("web", "tls", "worker", "beat")
            yield containers


class Client:
    """A client outside that trusts the certificate."""

    def __init__(self, containers):
        self._containers = containers
        self._trusting = ssl.create_default_context(cafile=containers.folder / "certificate.pem")

    def call(self, method, path, **headers):
        return self._containers.inside(self._call, method, path, headers)

    def _call(self, method, path, headers):
        raw = socket.create_connection(("127.0.0.1", 8443), timeout=30)
        connection = http.client.HTTPSConnection(HOST, context=self._trusting)
        connection.sock = self._trusting.wrap_socket(raw, server_hostname=HOST)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def client(containers):
    return Client(containers)


def test_it_makes_a_report_of_files_over_tls(containers, client, sample, tmp_path):
    data = containers.folder / "data"
    data.symlink_to(sample)
    ingested = containers.run(
        "web", "python", "manage.py", "ingest", "/data", mounts=["data:/data:ro"]
    )
    assert ingested.returncode in {0, 3}, ingested.stderr
    made = containers.run(
        "web", *["python", "manage.py", "create_token", "--name", "chain", "--scope", "admin"]
    )
    token = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}

    assert client.call("POST", "/trigger_report")[0] == 401
    status, _, body = client.call("POST", "/trigger_report", **token)
    assert status == 202, body
    report = json.loads(body)["report_id"]

    def ended():
        status, _, body = client.call("GET", f"/get_report?report_id={report}", **token)
        return status == 200 and json.loads(body)["status"] != "Running"

    until(ended)
    status, _, body = client.call("GET", f"/download_report?report_id={report}", **token)
    assert status == 200
    assert body == offline(sample, output=tmp_path / "report.csv")


def test_it_sends_everybody_to_tls(containers, client):
    status, headers, _ = client.call("GET", "/sign-in/")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")

    def plainly():
        connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
        with closing(connection):
            connection.request("GET", "/sign-in/", headers={"Host": HOST})
            answer = connection.getresponse()
            return answer.status, answer.headers["Location"]

    assert containers.inside(plainly) == (301, f"https://{HOST}/sign-in/")


def test_it_says_of_each_that_it_is_healthy(containers):
    for name in LASTING:
        assert until(lambda: containers.is_healthy(name)), name  # noqa: B023


def test_it_lets_nobody_in_without_a_password(containers):
    asked = containers.run("redis", "redis-cli", "ping")
    assert "NOAUTH" in asked.stdout
    uri = "postgres://storemonitor@postgres/storemonitor"
    asked = containers.run("worker", "python", "-c", f"import psycopg; psycopg.connect('{uri}')")
    assert "no password supplied" in asked.stderr


def test_it_shows_a_password_in_no_process(containers):
    passwords = [path.read_bytes() for path in containers.folder.glob("*-secret/password")]
    assert len(passwords) == 2
    pages = [*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")]
    seen = []
    for page in pages:
        try:
            text = page.read_bytes()
        except OSError:  # Gone meanwhile.
            continue
        seen += [page for password in passwords if password in text]
    assert seen == []


@pytest.mark.parametrize("name", ["web", "postgres", "redis", "tls"])
@pytest.mark.parametrize("place", ["/x", "/app/x", "/usr/x", "/etc/x", "/run/secrets/queue/x"])
def test_it_writes_nowhere_but_in_its_volumes(containers, name, place):
    assert containers.run(name, "touch", place).returncode != 0
    assert containers.run(name, "touch", "/tmp/x").returncode == 0
