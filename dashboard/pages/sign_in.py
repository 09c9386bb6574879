"""To be written."""

from dashboard.pages.page import Page


class SignInPage(Page):
    """To be written."""

    template_name = "dashboard/forbidden.html"
