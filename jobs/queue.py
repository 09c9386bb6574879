"""Queueing jobs, and what happens without a broker."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from api.broker_faults import BROKER_FAULTS

logger = logging.getLogger(__name__)


def send(task: Any, *arguments: object, task_id: str | None = None) -> None:
    """Queue a Celery task; call it after the job's row is committed.

    Raises one of BROKER_FAULTS. The message does not expire: an expiry would be an instant of this
    machine's clock, judged by another's.
    """
    task.apply_async(args=[*arguments], task_id=task_id)


@contextmanager
def left_to_the_sweep(what: object) -> Iterator[None]:
    """Without a broker, log that and go on: the sweep queues the job later."""
    try:
        yield
    except BROKER_FAULTS as error:
        logger.warning("%s waits for the sweep: no broker: %s", what, error)


@contextmanager
def ended_without_broker(what: object, end: Callable[[], object]) -> Iterator[None]:
    """Without a broker, ``end`` the job, since its sender is told to try again; re-raises."""
    try:
        yield
    except BROKER_FAULTS as error:
        logger.error("%s: no broker: %s", what, error)  # noqa: TRY400 - foreseen
        end()
        raise
