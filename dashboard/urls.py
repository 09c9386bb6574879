"""URLs of the dashboard's pages."""

from django.urls import path

from dashboard.pages.board import AsOfPart, BoardPage
from dashboard.pages.data import DataPage
from dashboard.pages.reports import ReportsPage
from dashboard.pages.sign_in import SignInPage
from dashboard.pages.store import StorePage, StoreSettingsPage
from dashboard.pages.stores import StoresPage

# ``store_id`` is the converter of ids of any text, registered by stores.http.urls.
app_name = "dashboard"
urlpatterns = [
    path("", BoardPage.as_view(), name="board"),
    path("board/as-of/", AsOfPart.as_view(), name="as-of"),
    path("stores/", StoresPage.as_view(), name="stores"),
    path("stores/<store_id:store_id>/", StorePage.as_view(), name="store"),
    path(
        "stores/<store_id:store_id>/settings/", StoreSettingsPage.as_view(), name="store-settings"
    ),
    path("reports/", ReportsPage.as_view(), name="reports"),
    path("data/", DataPage.as_view(), name="data"),
    path("sign-in/", SignInPage.as_view(), name="sign-in"),
    path("sign-out/", SignInPage.as_view(), name="sign-out"),
]
