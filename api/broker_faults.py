"""Exceptions of an unavailable message broker: a server, or a queue in a folder."""

from kombu.exceptions import ChannelError, OperationalError

# An unreachable server, and a folder whose disk is full.
BROKER_FAULTS: tuple[type[Exception], ...] = (OperationalError, ChannelError)
