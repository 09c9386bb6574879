"""Reasons of internal faults as clients see them; the log has the details."""

from adbc_driver_manager import Error as ArrowReadError
from django.db import DatabaseError, InterfaceError, OperationalError

from api.errors.storage_faults import storage_faults

DATABASE = "The database could not be reached or is full."
STORAGE = "Media storage could not be reached or is full."
INTERNAL = "Something went wrong on the server. Its log has the details."


class ForReaders(Exception):
    """An error whose text is safe to show to clients."""


def reason_of(error: BaseException) -> str:
    """Return a sentence without internal details, such as a server's address."""
    if isinstance(error, ForReaders):
        return str(error)
    if isinstance(error, OperationalError | InterfaceError | ArrowReadError):
        return DATABASE
    if isinstance(error, storage_faults()) and not isinstance(error, DatabaseError):
        return STORAGE
    return INTERNAL
