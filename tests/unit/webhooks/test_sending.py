"""One POST over real connections: pinned, bounded, verified."""

import ipaddress
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import receiver as answers
from tests.receiver import receiving, status
from webhooks.sending import addresses, posting
from webhooks.sending.posting import NotSent, post

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.5)


def send(url, body=b"{}"):
    return post(url, body, {"webhook-id": "1"})


def resolving(monkeypatch, *found):
    """Make names resolve to these addresses, a different one each time they are looked up."""
    real, left = socket.getaddrinfo, list(found)

    def getaddrinfo(host, port, *arguments, **options):
        if host.replace(".", "").isdigit():
            return real(host, port, *arguments, **options)
        return real(left.pop(0), port, *arguments, **options)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    return left


def test_it_posts_the_body_and_the_headers(receiver):
    receiver.answers = [status(202, b"thanks", Retry_After="7")]
    answer = send(f"{receiver.url}?key=1", b'{"a":"\xc3\xa9"}')
    assert (answer.status, answer.text, answer.retry_after) == (202, "thanks", timedelta(seconds=7))
    [received] = receiver.received
    assert (received.path, received.body) == ("/hook?key=1", b'{"a":"\xc3\xa9"}')
    assert received.headers["webhook-id"] == "1"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("said", ["soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "1e9", "9" * 99])
def test_it_takes_no_pause_that_is_not_in_seconds(receiver, said):
    receiver.answers = [status(503, Retry_After=said)]
    assert send(receiver.url).retry_after is None


def test_it_does_not_follow_redirects(receiver):
    with receiving() as other:
        receiver.answers = [status(307, Location=other.url)]
        assert send(receiver.url).status == 307
        assert other.received == []


@pytest.mark.parametrize("answer", [answers.hang, answers.drip])
def test_it_gives_up_on_who_takes_too_long_in_all(receiver, hurried, answer):
    receiver.answers = [answer]
    begun = time.monotonic()
    with pytest.raises(NotSent, match="no answer within"):
        send(receiver.url)
    assert time.monotonic() - begun < 10


def test_it_gives_up_on_who_accepts_and_never_reads(hurried):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(NotSent, match="no answer within"):
            send(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"x" * 50_000_000)


def test_it_reads_no_more_than_the_beginning_of_an_answer(receiver):
    receiver.answers = [answers.pour]
    answer = send(receiver.url)
    assert answer.status == 200
    assert len(answer.text) == posting.MAX_RESPONSE_BYTES


def test_it_goes_by_the_status_where_the_body_is_cut_short(receiver):
    receiver.answers = [answers.cut_short]
    assert (send(receiver.url).status, send(receiver.url).text) == (200, "half")


def test_it_keeps_a_body_that_no_database_could(receiver):
    receiver.answers = [status(500, b"a\0b\xff")]
    assert send(receiver.url).text == "a\ufffdb\ufffd"


def test_it_says_that_the_connection_was_closed(receiver):
    receiver.answers = [answers.drop]
    with pytest.raises(NotSent, match=r"RemoteDisconnected|ConnectionReset"):
        send(receiver.url)


def test_it_says_that_what_answered_was_not_http(receiver):
    receiver.answers = [lambda handler, _: handler.wfile.write(b"SSH-2.0-x\r\n")]
    with pytest.raises(NotSent, match="BadStatusLine"):
        send(receiver.url)


def test_it_says_that_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotSent, match="ConnectionRefused"):
            send(f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_it_says_that_there_is_no_such_name(monkeypatch):
    def none(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", none)
    with pytest.raises(NotSent, match="Name or service not known"):
        send("http://nowhere.example/")


def test_it_sends_nothing_to_a_private_address(receiver, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    with pytest.raises(NotSent, match=r"127\.0\.0\.1 is not a public address"):
        send(receiver.url)
    with pytest.raises(NotSent, match="is not a public address"):
        send(f"http://localhost:{receiver.port}/")
    assert receiver.received == []


def test_it_connects_to_the_address_that_was_checked_whatever_the_name_says_next(
    receiver, monkeypatch
):
    left = resolving(monkeypatch, "127.0.0.1", "127.0.0.2")
    assert send(f"http://rebound.example:{receiver.port}/").status == 204
    assert left == ["127.0.0.2"]
    assert receiver.received[0].headers["host"] == f"rebound.example:{receiver.port}"


def test_it_uses_no_proxy_from_the_environment(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(receiver.url).status == 204


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for receiver.example with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "receiver.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure(certificate):
    """A receiver that speaks TLS, and the names it was asked for by SNI."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with receiving(context=context) as receiver:
        receiver.names = names
        yield receiver


def test_it_verifies_the_certificate_against_the_name_and_not_the_address(
    secure, monkeypatch, certificate
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    resolving(monkeypatch, "127.0.0.1")
    assert send(f"https://receiver.example:{secure.port}/hook").status == 204
    assert secure.names == ["receiver.example"]


def test_it_refuses_a_certificate_that_is_of_another_name(secure, monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        send(f"https://other.example:{secure.port}/hook")
    assert secure.received == []


def test_it_refuses_a_certificate_that_nobody_vouches_for(secure, monkeypatch):
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        send(f"https://receiver.example:{secure.port}/hook")
    assert secure.received == []
