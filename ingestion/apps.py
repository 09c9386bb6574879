"""The Django app of ingestion."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Ingestions."""

    name = "ingestion"
