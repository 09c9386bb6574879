"""The folder that serves as the queue without a broker, on a disk that may be full.

kombu's transport writes messages in place: a full disk leaves an empty one, which ends every worker
that takes it. Here a message appears whole or not at all, unreadable ones are set aside, and
missing folders are created again. The database row of each job decides, so the sweep replaces a
lost message.
"""

import contextlib
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

UNFINISHED = ".unfinished"
_LONGEST_WAIT = 0.5


class Channel(filesystem.Channel):
    """Messages in files, each written under a temporary name and then renamed."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        """Append a message. Raises ChannelError, and leaves nothing behind then."""
        folder = Path(self.data_folder_out)
        # Sorted by name, messages are in the order in which they were sent.
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        aside = folder / f"{name}{UNFINISHED}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            aside.write_text(dumps(payload))  # type: ignore[no-untyped-call]
            aside.rename(folder / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise ChannelError(f"The message cannot be written to {folder}: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 - never waits
        """Take the first readable message of the queue. Raises Empty and ChannelError."""
        try:
            names = os.listdir(self.data_folder_in)  # noqa: PTH208 - called ten times a second
        except FileNotFoundError:
            raise Empty from None  # The next sender creates the folder.
        except OSError as error:
            raise ChannelError(f"{self.data_folder_in} cannot be read: {error}") from error
        mine = f"{queue}.msg"
        for name in sorted(one for one in names if one.partition(".")[2] == mine):
            taken = self._taken(name)
            payload = self._read(taken) if taken else None
            if payload is not None:
                return payload
        raise Empty

    def _taken(self, name: str) -> Path | None:
        """Move a message out of the queue; None if another worker was first."""
        target = Path(self.processed_folder) / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return (Path(self.data_folder_in) / name).rename(target)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ChannelError(f"{name} cannot be taken out of the queue: {error}") from error

    def _read(self, taken: Path) -> dict[str, Any] | None:
        """Return a message; None if it is unreadable and stays in the folder of taken ones."""
        try:
            payload: dict[str, Any] = loads(taken.read_text())  # type: ignore[no-untyped-call]
            payload["properties"]["delivery_info"], payload["properties"]["delivery_tag"]
        except (ValueError, KeyError, TypeError, OSError) as error:
            logger.warning("set aside a message that cannot be read, %s: %r", taken, error)
            return None
        return payload

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Record that a queue exists, replacing a record that a full disk left empty."""
        note = Path(self._exchange_file(exchange))  # type: ignore[no-untyped-call]
        try:
            note.parent.mkdir(parents=True, exist_ok=True)
            try:
                super()._queue_bind(exchange, routing_key, pattern, queue)  # type: ignore[no-untyped-call]
            except ValueError:
                note.unlink(missing_ok=True)
                super()._queue_bind(exchange, routing_key, pattern, queue)  # type: ignore[no-untyped-call]
        except OSError as error:
            raise ChannelError(f"{note} cannot be written: {error}") from error

    def _size(self, queue: str) -> int:
        """Return how many messages wait; 0 if the folder is missing."""
        try:
            return int(super()._size(queue))  # type: ignore[no-untyped-call]
        except FileNotFoundError:
            return 0


class Transport(filesystem.Transport):
    """kombu's folder transport with these channels."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Deliver the next message. Raises socket.timeout if none comes in time.

        It waits half a second at most: Celery asks for two, and again after it was told to end.
        """
        patience = min(timeout, _LONGEST_WAIT) if timeout else timeout
        return super().drain_events(connection, timeout=patience, **kwargs)  # type: ignore[no-untyped-call]
