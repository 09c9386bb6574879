"""What it looks like when the message broker takes nothing: a server, or a queue in a folder."""

from kombu.exceptions import ChannelError, OperationalError

# A server that is away, and a folder whose disk is full.
BROKER_FAULTS: tuple[type[Exception], ...] = (OperationalError, ChannelError)
