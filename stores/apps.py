"""The Django app of stores over HTTP."""

from django.apps import AppConfig


class StoresConfig(AppConfig):
    """Has no models of its own."""

    name = "stores"
