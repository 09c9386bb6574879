"""Files of a form: each is stored at once or kept for a worker, by the rules of the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from api.senders import sender
from feeds.errors import UnusableFile
from ingestion.backoffice.upload_form import MOST_FILES, UploadForm
from ingestion.http.problems import EarlierFileWaits, FileTakesTooLong
from ingestion.http.receiving import must_wait
from ingestion.http.uploads import UNNAMED, ingest_upload
from ingestion.outcomes import describe_removed
from ingestion.queue.starting import NotQueued, queue_upload

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ingestion.models import Ingestion

    Upload = UploadedFile[Any]


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of one file, in a sentence. ``ingestion``: None if it is not recorded."""

    name: str
    status: int
    said: str
    ingestion: "Ingestion | None" = None


def receive(request: "HttpRequest") -> Sequence[Receipt]:
    """Store or keep the files of a form; a bad one does not stop the others.

    Raises ValidationError if the form as a whole cannot be used.
    """
    files: list[Upload] = request.FILES.getlist("uploads")
    _check(request, files)
    who, keep = sender(request), "keep_sample" in request.POST
    handle = _queue if must_wait([("", file) for file in files]) else _store
    return [_refused(file) or handle(file, requested_by=who, keep_sample=keep) for file in files]


def _check(request: "HttpRequest", files: "Sequence[Upload]") -> None:
    """Check what the admin's form checks of all files together."""
    if not files and "whole" in request.POST:
        raise ValidationError("Choose at least one file.")
    if "whole" not in request.POST:
        raise ValidationError(UploadForm.base_fields["whole"].error_messages["required"])
    if len(files) > MOST_FILES:
        raise ValidationError(f"Send at most {MOST_FILES} files at once.")


def _refused(file: "Upload") -> Receipt | None:
    try:
        forms.FileField().clean(file)
    except ValidationError as error:
        return Receipt(name=file.name or UNNAMED, status=400, said=" ".join(error.messages))
    return None


def _store(file: "Upload", *, requested_by: str, keep_sample: bool) -> Receipt:
    name = file.name or UNNAMED
    try:
        record = ingest_upload(
            _LeftOpen(file.file, file.name, size=file.size),
            requested_by=requested_by,
            keep_sample=keep_sample,
        )
    except (EarlierFileWaits, FileTakesTooLong):
        # A program is told to send it otherwise; for a person we can do that.
        file.seek(0)
        return _queue(file, requested_by=requested_by, keep_sample=keep_sample)
    except UnusableFile as error:
        said = f"Nothing was stored. {str(error).removeprefix(f'{name}: ')}"
        return Receipt(name=name, status=400, said=said, ingestion=error.ingestion)
    return Receipt(name=name, status=200, said=_stored(record), ingestion=record)


def _queue(file: "Upload", *, requested_by: str, keep_sample: bool) -> Receipt:
    name = file.name or UNNAMED
    try:
        record = queue_upload(file, requested_by=requested_by, feed="", keep_sample=keep_sample)
    except NotQueued as error:
        error.ingestion.refresh_from_db()
        said = f"{error} Try again later."
        return Receipt(name=name, status=503, said=said, ingestion=error.ingestion)
    said = "Received. A worker is going to store it."
    return Receipt(name=name, status=202, said=said, ingestion=record)


def _stored(record: "Ingestion") -> str:
    counts = [
        (record.rows_new, "new"),
        (record.rows_changed, "changed"),
        (record.rows_removed, "removed"),
        (record.rows_rejected, "rejected"),
    ]
    told = ", ".join(f"{count:,} {name}" for count, name in counts if count)
    said = f"Stored as {record.get_feed_display()}: {told or 'all of it was known already'}."
    return f"{said} {describe_removed(record)}" if record.sample_stores_removed else said


class _LeftOpen(UploadedFile):  # type: ignore[type-arg]
    """A file that can still be queued after an attempt to store it at once."""

    def close(self) -> None:
        """Leave it to the request, which closes all its files."""
