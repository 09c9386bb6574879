"""One store: its state, its numbers, and the polls behind them."""

from dashboard.pages.store.settings import StoreSettingsPage
from dashboard.pages.store.view import StorePage

__all__ = ["StorePage", "StoreSettingsPage"]
