"""Who sent a request, in words and by address."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request


def sender(request: "Request | HttpRequest") -> str:
    """Return the sender as ingestions and reports record it: a name or an address."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return str(user.get_username())
    return f"API from {address(request) or 'an unknown address'}"


def address(request: "Request | HttpRequest") -> str | None:
    """Return the client's address as our outermost proxy saw it."""
    hops = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    direct = request.META.get("REMOTE_ADDR") or ""
    proxies: int = settings.TRUSTED_PROXIES
    seen = hops[-proxies] if proxies and len(hops) >= proxies else direct
    try:
        # The scope of a link-local address means nothing on other machines.
        return str(ip_address(seen.partition("%")[0]))
    except ValueError:
        return None


def network(request: "Request | HttpRequest") -> str:
    """Return what counts as one sender: an IPv4 address, or the /64 of an IPv6 address."""
    seen = address(request)
    parsed = ip_address(seen) if seen else None
    if not isinstance(parsed, IPv6Address):
        return f"address {seen}"
    if parsed.ipv4_mapped:
        return f"address {parsed.ipv4_mapped}"
    return f"network {ip_network((parsed, 64), strict=False)}"
