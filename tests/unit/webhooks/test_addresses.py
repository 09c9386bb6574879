"""Where webhooks may go."""

import ipaddress
import socket

import pytest

from webhooks.sending import addresses
from webhooks.sending.addresses import Refused, check_address, check_url, resolve

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_it_allows_public_addresses(text):
    check_address(ipaddress.ip_address(text), [])


@pytest.mark.parametrize("text", PRIVATE)
def test_it_refuses_addresses_that_are_not_public_however_they_are_wrapped(text):
    with pytest.raises(Refused, match="not a public address"):
        check_address(ipaddress.ip_address(text), [])


@pytest.mark.parametrize("text", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203"])
def test_it_allows_what_is_in_an_allowed_network_and_nothing_beside_it(text):
    allowed = [ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/8")]
    check_address(ipaddress.ip_address(text), allowed)
    with pytest.raises(Refused):
        check_address(ipaddress.ip_address("10.2.0.1"), allowed)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://example.com:8080/path?token=a%20b",
        "https://receiver/hook",
        "https://[2606:4700::1111]/",
        "https://8.8.8.8/",
        "https://example.com./",
        "https://xn--bcher-kva.example/",
        "HTTPS://EXAMPLE.COM/",
    ],
)
def test_it_takes_addresses_that_can_be_posted_to(url):
    assert check_url(url).hostname


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "ASCII"),
        ("https://bücher.example/", "ASCII"),
        ("https://example.com/a b", "ASCII"),
        ("https://example.com/\r\nHost: other", "ASCII"),
        ("ftp://example.com/", "must begin with"),
        ("//example.com/", "must begin with"),
        ("example.com", "must begin with"),
        ("https://", "must begin with"),
        ("https://example.com:0/", "must begin with"),
        ("https://example.com:99999/", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://user@example.com/", "user name or password"),
        ("https://user:secret@example.com/", "user name or password"),
        ("https://@example.com/", "user name or password"),
        ("https://example.com/#part", "fragment"),
        ("https://a..b/", "not a host name"),
        ("https://-a.example/", "not a host name"),
        (f"https://{'a' * 64}.example/", "not a host name"),
        ("https://127.0.0.1/", "not a public address"),
        ("https://[::1]/", "not a public address"),
        ("https://[fe80::1%25eth0]/", "not a public address"),
        ("http://169.254.169.254/latest/meta-data/", "not a public address"),
    ],
)
def test_it_refuses_what_nothing_can_or_may_be_posted_to(url, reason):
    with pytest.raises(Refused, match=reason):
        check_url(url)


def answering(monkeypatch, *found):
    """Make every name resolve to these addresses; return the names that were looked up."""
    asked = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_it_returns_each_address_of_a_name_once(monkeypatch):
    asked = answering(monkeypatch, "8.8.8.8", "8.8.4.4", "8.8.8.8")
    assert [str(one) for one in resolve("example.com", 443)] == ["8.8.8.8", "8.8.4.4"]
    assert asked == ["example.com"]


@pytest.mark.parametrize("private", ["127.0.0.1", "::ffff:127.0.0.1", "fe80::1%eth0"])
def test_it_refuses_a_name_of_whose_addresses_one_is_private(monkeypatch, private):
    answering(monkeypatch, "8.8.8.8", private)
    with pytest.raises(Refused):
        resolve("example.com", 443)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1"])
def test_it_is_not_fooled_by_other_ways_to_write_loopback(host):
    check_url(f"http://{host}/")  # A name, for all that can be seen of it.
    with pytest.raises((Refused, OSError)):
        resolve(host, 80)
