"""To be written."""

from dashboard.pages.page import Page


class DataPage(Page):
    """To be written."""

    template_name = "dashboard/forbidden.html"
