"""The admin form for uploads."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_FILES = 50


class ManyFilesInput(forms.ClearableFileInput):
    """Allows several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One or more files, cleaned to a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files, none of which is empty. Raises ValidationError."""
        files = data if isinstance(data, list) and data else [data]
        if len(files) > MOST_FILES:
            raise ValidationError(f"Send at most {MOST_FILES} files at once.")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    """Files of any feeds; the header of each file decides."""

    uploads = ManyFilesField(
        label="Files",
        help_text="CSV files of polls, business hours, time zones, store names or special days,"
        " plain or as .gz, .zst or .zip containing one file; polls may be NDJSON. You can send"
        " several at once. Sending a file again changes nothing.",
    )
    keep_sample = forms.BooleanField(
        required=False,
        label="Keep the sample",
        help_text="Without this, the first file of your own replaces the sample: its stores,"
        " their polls and all reports are deleted. With it, the sample stays, as ordinary stores.",
    )
    # The last field of the form: if it is missing, the request was cut off.
    whole = forms.BooleanField(
        widget=forms.HiddenInput,
        initial=True,
        error_messages={"required": "The upload was cut off. Send the files again."},
    )

    def clean_uploads(self) -> "list[UploadedFile[Any]]":
        """Return the files; refuse those above the limit of a request."""
        files: list[UploadedFile[Any]] = self.cleaned_data["uploads"]
        limit: int = settings.MAX_UPLOAD_BYTES
        for file in files:
            if (file.size or 0) > limit:
                raise ValidationError(f"{file.name} is larger than the {limit:,} bytes allowed.")
        return files
