"""Allowed receivers: no address inside our own network, unless a setting allows it.

A name is resolved once and *every* address it has is checked. The connection then goes to one of
these addresses, so a name server cannot answer differently the second time.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
# NAT64 reaches the IPv4 address in the last four bytes under this prefix.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Cloud credential services with public addresses: Azure uses the first; Oracle is in the second,
# which older Pythons consider public.
_NOT_PUBLIC = (
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.0/24"),
)


class Refused(ValueError):
    """Nothing may be sent there; the text is a sentence for people."""


def check_url(url: str) -> SplitResult:
    """Return the parts of a URL to post to.

    Raises Refused for a URL that is malformed, carries a password or names a refused address. The
    addresses of a host name are checked when a message is sent.
    """
    if not re.fullmatch(r"[!-~]+", url):
        raise Refused("Write the URL in ASCII, without spaces: encode other characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"This is not a URL: {error}.") from error
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise Refused("The URL must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise Refused(
            "The URL must not contain a user name or password; the signature identifies us."
        )
    if parts.fragment:
        raise Refused("The URL must not have a fragment (#...): it would not be sent.")
    _check_host(parts.hostname)
    return parts


def port_of(parts: SplitResult) -> int:
    """Return the port, by default the scheme's."""
    return parts.port or _PORTS[parts.scheme]


def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a host, all of which are allowed.

    Raises Refused if one of them is not, and ``OSError`` if there are none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise Refused(f"{host} is not a host name.") from error
    # A link-local address may come with its interface, as in fe80::1%eth0.
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    for address in addresses:
        check_address(address, settings.WEBHOOK_ALLOWED_NETWORKS)
    return list(dict.fromkeys(addresses))


def check_address(address: Address, allowed: Iterable[Network]) -> None:
    """Raise Refused for an address that is neither public nor in the ``allowed`` networks."""
    meant = _unwrapped(address)
    if _is_public(meant) or any(meant in network for network in allowed):
        return
    raise Refused(
        f"{address} is not a public address; WEBHOOK_ALLOWED_NETWORKS can allow its network."
    )


def _check_host(host: str) -> None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        labels = host.removesuffix(".").split(".")
        if not all(_LABEL.fullmatch(label) for label in labels):
            raise Refused(f"{host} is not a host name.") from None
        return
    check_address(address, settings.WEBHOOK_ALLOWED_NETWORKS)


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: Address) -> bool:
    if any(address in network for network in _NOT_PUBLIC):
        return False
    if address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    return address.is_global
