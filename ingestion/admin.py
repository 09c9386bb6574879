"""The source data in the admin; Django looks for it here."""

from ingestion.admin_ingestions import IngestionAdmin
from ingestion.admin_polls import PollAdmin
from ingestion.admin_stores import StoreAdmin

__all__ = ["IngestionAdmin", "PollAdmin", "StoreAdmin"]
