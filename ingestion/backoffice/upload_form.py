"""The form by which people send files in."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_FILES = 50


class ManyFilesInput(forms.ClearableFileInput):
    """Lets several files be chosen at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One file or several; cleaned to a list of them."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files, none of which is empty. Raises ValidationError."""
        files = data if isinstance(data, list) and data else [data]
        if len(files) > MOST_FILES:
            raise ValidationError(f"Send at most {MOST_FILES} files at once.")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    """Files of any of the feeds; the header of each tells which."""

    uploads = ManyFilesField(
        label="Files",
        help_text="CSV files of polls, business hours, time zones or names of stores, plain or as"
        " .gz, .zst or .zip with one file in it; polls may be NDJSON. Several at once are fine."
        " Sending a file again changes nothing.",
    )
    keep_sample = forms.BooleanField(
        required=False,
        label="Keep the sample",
        help_text="Without this, the first file of your own takes the sample's place: its stores,"
        " their polls and all reports are deleted. With it, the sample stays, as ordinary stores.",
    )
    # The last field of the form: without it the request was cut off, and half a file came.
    whole = forms.BooleanField(
        widget=forms.HiddenInput,
        initial=True,
        error_messages={"required": "The upload was cut off. Send the files again."},
    )

    def clean_uploads(self) -> "list[UploadedFile[Any]]":
        """Return the files; refuse those above the limit of any request."""
        files: list[UploadedFile[Any]] = self.cleaned_data["uploads"]
        limit: int = settings.MAX_UPLOAD_BYTES
        for file in files:
            if (file.size or 0) > limit:
                raise ValidationError(f"{file.name} is above the {limit:,} bytes allowed.")
        return files
