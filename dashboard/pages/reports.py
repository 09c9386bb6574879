"""To be written."""

from dashboard.pages.page import Page


class ReportsPage(Page):
    """To be written."""

    template_name = "dashboard/forbidden.html"
