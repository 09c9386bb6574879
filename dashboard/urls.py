"""URLs of the dashboard's pages."""

from django.urls import path

from api.transfer.bodies import takes_files
from dashboard.pages.board import AsOfPart, BoardPage
from dashboard.pages.data.ingestion import IngestionPage
from dashboard.pages.data.overview import DataPage
from dashboard.pages.reports.listed import ReportsPage
from dashboard.pages.reports.one import CancelReport, RepeatReport, ReportPage
from dashboard.pages.sign_in import SignInPage, SignOutPage
from dashboard.pages.store import StorePage
from dashboard.pages.stores import StoresCsv, StoresPage

# ``store_id`` is the converter of ids of any text, registered by stores.http.urls.
app_name = "dashboard"
urlpatterns = [
    path("", BoardPage.as_view(), name="board"),
    path("board/as-of/", AsOfPart.as_view(), name="as-of"),
    path("stores/", StoresPage.as_view(), name="stores"),
    path("stores.csv", StoresCsv.as_view(), name="stores-csv"),
    path("stores/<store_id:store_id>/", StorePage.as_view(), name="store"),
    path("reports/", ReportsPage.as_view(), name="reports"),
    path("reports/<uuid:report_id>/", ReportPage.as_view(), name="report"),
    path("reports/<uuid:report_id>/cancel/", CancelReport.as_view(), name="cancel-report"),
    path("reports/<uuid:report_id>/again/", RepeatReport.as_view(), name="repeat-report"),
    path("data/", takes_files(DataPage.as_view()), name="data"),
    path("data/<int:ingestion_id>/", IngestionPage.as_view(), name="ingestion"),
    path("sign-in/", SignInPage.as_view(), name="sign-in"),
    path("sign-out/", SignOutPage.as_view(), name="sign-out"),
]
