"""What requests about ingestions may ask for."""

from rest_framework import serializers

from api.serializers import PageQuery, QuerySerializer
from ingestion.models import Feed, Ingestion


class IngestionQuery(PageQuery):
    """The filters of the list of ingestions."""

    feed = serializers.ChoiceField(required=False, choices=Feed.values)
    status = serializers.ChoiceField(required=False, choices=Ingestion.Status.values)


class ReceivingQuery(QuerySerializer):
    """What is said beside a file."""

    keep_sample = serializers.BooleanField(
        required=False,
        help_text="Leave the sample of `./run` where it is, which the first real data replace.",
    )


class FeedQuery(ReceivingQuery):
    """What a file must be."""

    feed = serializers.ChoiceField(
        required=False,
        choices=Feed.values,
        help_text="Which feed the body, or the field `file`, must be; else its header tells.",
    )
