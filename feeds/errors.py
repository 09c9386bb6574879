"""Errors about a whole file. Errors in a row are data: see ``parsing``."""

from typing import Any


class UnusableFile(Exception):
    """A file that cannot be read; ``str()`` is one sentence for its sender.

    ``ingestion`` is the file's failed record, once there is one.
    """

    ingestion: Any = None


class TakesTooLong(UnusableFile):
    """Reading the file takes longer than the sender's request may."""
