"""The versions of what computes a report. Needs no Django, since ``./run report`` does not."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import uptime


def _core_digest() -> str:
    """Return the SHA-256 of the core's code: changed code changes the fingerprint."""
    digest = hashlib.sha256()
    core = Path(uptime.__file__).parent
    for file in sorted(core.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


# Read at the start: after an upgrade, the disk has another version than this process uses.
TZDATA = version("tzdata")
CORE = _core_digest()
