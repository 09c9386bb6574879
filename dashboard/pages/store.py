"""To be written."""

from dashboard.pages.page import Page


class StorePage(Page):
    """To be written."""

    template_name = "dashboard/forbidden.html"
