"""Storage for reports, rejects and uploads: a folder, or an S3 bucket."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

from storemonitor.configuration.secret_files import secret

if TYPE_CHECKING:
    from django.core.files import File

env = environ.Env()

_IN_MEMORY = 1024 * 1024
_PACKAGES = ("storages", "boto3")


class Folder(FileSystemStorage):
    """A folder that removes files that could not be written completely."""

    def _save(self, name: str, content: "File[Any]") -> str:
        try:
            return super()._save(name, content)  # type: ignore[misc, no-any-return]
        except OSError:
            # ``save`` has found an unused name.
            self.delete(name)
            raise


def media_storage() -> dict[str, Any]:
    """Return Django's ``STORAGES["default"]`` according to the environment.

    Raises ImproperlyConfigured if a bucket is set but its packages are not installed.
    """
    bucket = env.str("MEDIA_S3_BUCKET", default="")
    if not bucket:
        return {"BACKEND": "storemonitor.configuration.media.Folder"}
    if not all(find_spec(package) for package in _PACKAGES):
        raise ImproperlyConfigured(
            "MEDIA_S3_BUCKET is set, but the packages it needs are not installed:"
            " pip install -r requirements-s3.txt"
        )
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _options(bucket)}


def _options(bucket: str) -> dict[str, Any]:
    from botocore.config import Config  # noqa: PLC0415 - not installed where no bucket is used

    return {
        "bucket_name": bucket,
        "location": env.str("MEDIA_S3_PREFIX", default=""),
        **_server(),
        # The name in the database must be the name of the object.
        "file_overwrite": True,
        "default_acl": None,
        # A larger download is buffered on disk.
        "max_memory_size": _IN_MEMORY,
        "client_config": Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            # Servers other than Amazon's reject checksums they do not know.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }


def _server() -> dict[str, str]:
    """Return the server options that are set; boto3 finds the others in its usual places."""
    named = {
        "endpoint_url": env.str("MEDIA_S3_ENDPOINT_URL", default=""),
        "region_name": env.str("MEDIA_S3_REGION", default=""),
        "access_key": env.str("MEDIA_S3_ACCESS_KEY_ID", default=""),
        "secret_key": secret("MEDIA_S3_SECRET_ACCESS_KEY"),
    }
    return {name: value for name, value in named.items() if value}
