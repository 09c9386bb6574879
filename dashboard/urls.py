"""URLs of the dashboard's pages."""

from django.urls import path

from api.routing import either
from api.transfer.bodies import takes_files
from dashboard.pages.board import AsOfPart, BoardPage
from dashboard.pages.data.ingestion import IngestionPage
from dashboard.pages.data.overview import DataPage
from dashboard.pages.heat_map import HeatMapBytes, HeatMapRows
from dashboard.pages.reports.listed import ReportsPage
from dashboard.pages.reports.one import CancelReport, RepeatReport, ReportPage
from dashboard.pages.sign_in import SignInPage, SignOutPage
from dashboard.pages.store import StorePage, StoreSettingsPage
from dashboard.pages.stores import StoresCsv, StoresPage

# ``store_id`` is the converter of ids of any text, registered by stores.http.urls.
app_name = "dashboard"
urlpatterns = [
    path("", BoardPage.as_view(), name="board"),
    *either("board/as-of/", AsOfPart.as_view(), "as-of"),
    *either("heat-map.bin", HeatMapBytes.as_view(), "heat-map-bytes"),
    *either("heat-map/rows/", HeatMapRows.as_view(), "heat-map-rows"),
    *either("stores/", StoresPage.as_view(), "stores"),
    *either("stores.csv", StoresCsv.as_view(), "stores-csv"),
    *either("stores/<store_id:store_id>/", StorePage.as_view(), "store"),
    *either("stores/<store_id:store_id>/settings/", StoreSettingsPage.as_view(), "store-settings"),
    *either("reports/", ReportsPage.as_view(), "reports"),
    *either("reports/<uuid:report_id>/", ReportPage.as_view(), "report"),
    *either("reports/<uuid:report_id>/cancel/", CancelReport.as_view(), "cancel-report"),
    *either("reports/<uuid:report_id>/again/", RepeatReport.as_view(), "repeat-report"),
    *either("data/", takes_files(DataPage.as_view()), "data"),
    *either("data/<int:ingestion_id>/", IngestionPage.as_view(), "ingestion"),
    *either("sign-in/", SignInPage.as_view(), "sign-in"),
    *either("sign-out/", SignOutPage.as_view(), "sign-out"),
]
