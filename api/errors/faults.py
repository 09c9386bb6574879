"""How faults of the database, storage or broker appear to clients."""

from typing import TYPE_CHECKING

from adbc_driver_manager import Error as ArrowReadError
from django.db import InterfaceError, InternalError, OperationalError
from django.http.request import UnreadablePostError

from api.broker_faults import BROKER_FAULTS
from api.errors.problems import (
    BrokerUnreachable,
    DatabaseUnavailable,
    IncompleteBody,
    Problem,
    StorageUnavailable,
)
from api.errors.storage_faults import storage_faults

if TYPE_CHECKING:
    from collections.abc import Iterable

# PostgreSQL reports these as internal, but they pass: it takes no writes (it is a standby, or its
# disk is nearly full), or it ended a transaction that was idle for too long.
_PASSING_STATES = {"25006", "25P03"}

# The first match counts: a body that cannot be read to its end is an OSError as well.
_MEANINGS: "Iterable[tuple[tuple[type[Exception], ...], type[Problem]]]" = (
    ((UnreadablePostError,), IncompleteBody),
    ((OperationalError, InterfaceError, ArrowReadError), DatabaseUnavailable),
    (BROKER_FAULTS, BrokerUnreachable),
    (storage_faults(), StorageUnavailable),
)


def problem_of(error: BaseException | None) -> Problem | None:
    """Return the problem to report for a fault of a service; None for an error of our own."""
    if isinstance(error, InternalError) and _state(error) in _PASSING_STATES:
        return DatabaseUnavailable()
    return next((means() for kinds, means in _MEANINGS if isinstance(error, kinds)), None)


def _state(error: InternalError) -> str:
    """Return the SQLSTATE, which is on the driver's exception."""
    return str(getattr(error.__cause__, "sqlstate", ""))
