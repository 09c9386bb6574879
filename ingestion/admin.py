"""Ingestions in the admin; Django looks for them here."""

from ingestion.backoffice.admin_ingestions import IngestionAdmin

__all__ = ["IngestionAdmin"]
