"""All stores: found, filtered, sorted, and as CSV."""

from dashboard.pages.stores.view import StoresCsv, StoresPage

__all__ = ["StoresCsv", "StoresPage"]
