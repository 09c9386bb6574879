"""URLs of signing in by a provider, under the names that django-allauth asks for."""

from django.urls import path

from dashboard.pages.single_sign_on import LeaveForProvider, ReturnFromProvider

urlpatterns = [
    path("<str:provider_id>/", LeaveForProvider.as_view(), name="openid_connect_login"),
    path(
        "<str:provider_id>/callback/", ReturnFromProvider.as_view(), name="openid_connect_callback"
    ),
]
