"""Ingestions and polls in the admin; Django looks for them here. Stores are in ``stores``."""

from ingestion.admin_polls import PollAdmin
from ingestion.backoffice.admin_ingestions import IngestionAdmin

__all__ = ["IngestionAdmin", "PollAdmin"]
