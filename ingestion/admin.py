"""Ingestions in the admin, where Django looks for them."""

from ingestion.backoffice.admin_ingestions import IngestionAdmin

__all__ = ["IngestionAdmin"]
