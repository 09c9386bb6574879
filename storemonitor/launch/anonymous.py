"""What ``./run`` lets anybody do: everything, where nobody but this machine's users can come."""

import os
from ipaddress import ip_address

from access.scopes import SCOPES

VARIABLE = "ANONYMOUS_SCOPES"


def default_scopes(host: str, *, behind_proxy: bool) -> dict[str, str]:
    """Return the environment that lets anybody in; none where that is settled or unsafe.

    ANONYMOUS_SCOPES that is set settles it, empty as well. A proxy, which HTTPS or
    TRUSTED_PROXIES tells of, brings in others than this machine's users.
    """
    if VARIABLE in os.environ or behind_proxy or not is_loopback(host):
        return {}
    return {VARIABLE: ",".join(SCOPES)}


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server that listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
