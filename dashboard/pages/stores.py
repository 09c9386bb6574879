"""To be written."""

from dashboard.pages.page import Page


class StoresPage(Page):
    """To be written."""

    template_name = "dashboard/forbidden.html"
