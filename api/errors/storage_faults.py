"""Exceptions of unreachable media storage, on a disk and in a bucket."""

from importlib.util import find_spec


def storage_faults() -> tuple[type[Exception], ...]:
    """Return the exceptions after which another attempt may succeed.

    Those of a bucket are not OSErrors and exist only if its packages are installed.
    """
    if find_spec("boto3") is None:
        return (OSError,)
    from boto3.exceptions import Boto3Error  # noqa: PLC0415 - an optional extra
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from s3transfer.exceptions import RetriesExceededError  # noqa: PLC0415

    return (OSError, Boto3Error, BotoCoreError, ClientError, RetriesExceededError)
