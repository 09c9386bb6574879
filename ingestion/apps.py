"""The app that brings files in."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Ingestions."""

    name = "ingestion"
