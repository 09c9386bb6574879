"""Ingestions and polls in the admin; Django looks for them here. Stores are in ``stores``."""

from ingestion.admin_ingestions import IngestionAdmin
from ingestion.admin_polls import PollAdmin

__all__ = ["IngestionAdmin", "PollAdmin"]
