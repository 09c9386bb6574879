"""Anonymous access under ``./run``: everything, if only this machine's users can connect."""

import os
from ipaddress import ip_address

from access.scopes import SCOPES

VARIABLE = "ANONYMOUS_SCOPES"


def default_scopes(host: str, *, behind_proxy: bool) -> dict[str, str]:
    """Return the environment that allows anonymous access; empty if it is set or unsafe.

    ANONYMOUS_SCOPES decides if it is set, even if empty. A proxy, indicated by HTTPS or
    TRUSTED_PROXIES, lets in users of other machines.
    """
    if VARIABLE in os.environ or behind_proxy or not is_loopback(host):
        return {}
    return {VARIABLE: ",".join(SCOPES)}


def is_loopback(host: str) -> bool:
    """Return whether a server on this host can only be reached from this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
