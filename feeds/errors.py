"""What can be wrong with a whole file. What is wrong with a row is data: see ``parsing``."""

from typing import Any


class UnusableFile(Exception):
    """A file nothing can be taken from; ``str()`` is one sentence for the person who sent it.

    ``ingestion`` is the failed record of it, once there is one.
    """

    ingestion: Any = None


class TakesTooLong(UnusableFile):
    """A file whose sender waits longer for it to be read than requests may take."""
