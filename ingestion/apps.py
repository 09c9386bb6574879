"""The app that owns the source data: stores, business hours, polls and how they came in."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Stores, business hours, polls and ingestions."""

    name = "ingestion"
