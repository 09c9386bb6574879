"""The board: whom to call now, and how the fleet did this week."""

from dashboard.pages.board.view import AsOfPart, BoardPage

__all__ = ["AsOfPart", "BoardPage"]
