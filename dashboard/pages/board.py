"""The board: whom to call now."""

from typing import Any

from dashboard.pages.page import SnapshotPage


class BoardPage(SnapshotPage):
    """The first page: stores offline now, and how the fleet did this week."""

    section = "board"
    template_name = "dashboard/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs)
