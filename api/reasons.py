"""What readers are told of a fault inside; the log has the details."""

from adbc_driver_manager import Error as ArrowReadError
from django.db import DatabaseError, InterfaceError, OperationalError

from api.storage_faults import storage_faults

DATABASE = "The database could not be reached, or had no room."
STORAGE = "The storage of files could not be reached, or had no room."
INTERNAL = "Something went wrong on the server; its log says what."


class ForReaders(Exception):
    """An error whose text was written for readers and says nothing of the inside."""


def reason_of(error: BaseException) -> str:
    """Return a sentence without a word of the inside, such as a server's address or its hints."""
    if isinstance(error, ForReaders):
        return str(error)
    if isinstance(error, OperationalError | InterfaceError | ArrowReadError):
        return DATABASE
    if isinstance(error, storage_faults()) and not isinstance(error, DatabaseError):
        return STORAGE
    return INTERNAL
