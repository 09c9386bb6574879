"""Ingestions in answers, and requests that send data."""

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.datastructures import MultiValueDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from api.serializers import StrictSerializer, address_of
from ingestion.http.uploads import UNNAMED
from ingestion.models import Feed, Ingestion


@extend_schema_field(OpenApiTypes.STR)
class UploadField(serializers.Field[Any, Any, str, Any]):
    """A file, or its text."""

    default_error_messages = {
        "type": "Must be the text of a CSV file, or a file in a multipart form.",
        "text": "Contains characters that are not valid in UTF-8.",
        "several": "Send one file at a time.",
    }

    def get_value(self, dictionary: Mapping[Any, Any]) -> Any:
        """Return the one value, or a tuple if a form has several."""
        if isinstance(dictionary, MultiValueDict) and len(dictionary.getlist("file")) > 1:
            return tuple(dictionary.getlist("file"))
        return dictionary.get("file", empty)

    def to_internal_value(self, data: Any) -> "UploadedFile[Any]":
        if isinstance(data, UploadedFile):
            return data
        if isinstance(data, tuple):
            self.fail("several")
        if not isinstance(data, str):
            self.fail("type")
        try:
            return SimpleUploadedFile(UNNAMED, data.encode(), "text/csv")
        except UnicodeEncodeError:
            self.fail("text")


class IngestionSerializer(serializers.ModelSerializer[Ingestion]):
    """The outcome of an ingested file."""

    feed = serializers.ChoiceField(
        choices=["", *Feed.values], read_only=True, help_text="Empty if the header matches none."
    )
    rejects = serializers.SerializerMethodField(
        help_text="The URL of the rejected rows and reasons; null if there are none."
    )

    class Meta:
        model = Ingestion
        fields = [
            "id",
            "feed",
            "rows_read",
            "rows_new",
            "rows_changed",
            "rows_repeated",
            "rows_superseded",
            "rows_removed",
            "rows_rejected",
            "rejects",
            "sample_stores_removed",
        ]
        read_only_fields = fields

    def get_rejects(self, ingestion: Ingestion) -> str | None:
        """Return the URL of the rejected rows."""
        if not ingestion.rejects:
            return None
        return address_of(self, "ingestion-rejects", ingestion_id=ingestion.id)


class FileSerializer(StrictSerializer):
    """A body that is one file, or a form with one."""

    file = UploadField()


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "binary"}})
class UploadsField(UploadField):
    """Any number of files."""

    def get_value(self, dictionary: Mapping[Any, Any]) -> Any:
        """Return a list of the values, which may be empty."""
        name = str(self.field_name)
        if isinstance(dictionary, MultiValueDict):
            return dictionary.getlist(name) or empty
        return [dictionary[name]] if name in dictionary else empty

    def to_internal_value(self, data: Any) -> "list[UploadedFile[Any]]":  # type: ignore[override]
        return [super(UploadsField, self).to_internal_value(one) for one in data]


Sent = tuple[str, "UploadedFile[Any]"]


class FilesSerializer(StrictSerializer):
    """A body that is one file, or a form with files of any feeds."""

    file = UploadsField(required=False, help_text="Files whose headers decide the feed.")
    stores = UploadsField(required=False)
    timezones = UploadsField(required=False)
    hours = UploadsField(required=False)
    special_days = UploadsField(required=False)
    status = UploadsField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a form without a file."""
        if not attrs:
            raise serializers.ValidationError(
                f"Send at least one file, in one of the fields {', '.join(self.fields)}."
            )
        return attrs

    def files(self, feed: str) -> list[Sent]:
        """Return each file with its required feed, "" for any; ``feed`` is that of ``file``."""
        return [
            (feed if name == "file" else name, upload)
            for name in map(str, self.fields)
            for upload in self.validated_data.get(name, [])
        ]


class IngestionProgressSerializer(serializers.Serializer[Any]):
    """The progress of an ingestion in its phase."""

    phase = serializers.ChoiceField(choices=["waiting", "reading", "storing", "stored"])
    done = serializers.IntegerField(help_text="Bytes as sent while waiting and reading, then rows.")
    total = serializers.IntegerField(allow_null=True, help_text="Null if unknown.")
    percent = serializers.IntegerField(allow_null=True, help_text="Of this phase.")


class IngestionStateSerializer(IngestionSerializer):
    """An ingestion as a resource."""

    progress = IngestionProgressSerializer(read_only=True)
    url = serializers.HyperlinkedIdentityField(
        view_name="ingestion", lookup_url_kwarg="ingestion_id"
    )

    class Meta(IngestionSerializer.Meta):
        fields = [
            "id",
            "url",
            "name",
            "status",
            "started_at",
            "finished_at",
            "attempts",
            "progress",
            "error",
            "size",
            "sha256",
            *IngestionSerializer.Meta.fields[1:],
        ]
        read_only_fields = fields


class PollsSerializer(serializers.Serializer[Any]):
    """The answer to POST /api/v1/polls/."""

    message = serializers.CharField(help_text="A sentence for people; may change.")
    ingestion = IngestionStateSerializer()


class IngestionsSerializer(serializers.Serializer[Any]):
    """The answer to POST /api/v1/ingestions/."""

    message = serializers.CharField(help_text="A sentence for people; may change.")
    ingestions = IngestionStateSerializer(many=True, help_text="One per file, in the same order.")
