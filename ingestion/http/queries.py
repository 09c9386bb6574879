"""Query parameters of requests about ingestions."""

from rest_framework import serializers

from api.serializers import PageQuery, QuerySerializer
from ingestion.models import Feed, Ingestion


class IngestionQuery(PageQuery):
    """The filters of the ingestion list."""

    feed = serializers.ChoiceField(required=False, choices=Feed.values)
    status = serializers.ChoiceField(required=False, choices=Ingestion.Status.values)


class ReceivingQuery(QuerySerializer):
    """The parameters of a request with a file."""

    keep_sample = serializers.BooleanField(
        required=False,
        help_text="Keep the sample of `./run`, which the first real data would otherwise replace.",
    )


class FeedQuery(ReceivingQuery):
    """The expected feed of a file."""

    feed = serializers.ChoiceField(
        required=False,
        choices=Feed.values,
        help_text="The feed of the body or the field `file`; by default its header decides.",
    )
