"""What it looks like when media storage cannot be reached; see ``api.storage_faults``."""

from api.storage_faults import storage_faults

__all__ = ["storage_faults"]
