"""URLs of reports."""

from api.routing import either
from reports.http.classic.views import ClassicReportViewSet
from reports.http.comparison import ComparisonViewSet
from reports.http.dispute import DisputePackViewSet
from reports.http.downloads import DownloadViewSet
from reports.http.events.views import EventViewSet
from reports.http.poller.views import PollerOutageViewSet
from reports.http.targets.views import ResultsViewSet
from reports.http.views import ReportViewSet

urlpatterns = [
    *either(
        "trigger_report",
        ClassicReportViewSet.as_view({"post": "trigger_report"}),
        "trigger_report",
    ),
    *either("get_report", ClassicReportViewSet.as_view({"get": "get_report"}), "get_report"),
    *either(
        "download_report",
        ClassicReportViewSet.as_view({"get": "download_report"}),
        "download_report",
    ),
    *either(
        "api/v1/poller_outages/", PollerOutageViewSet.as_view({"get": "list"}), "poller-outages"
    ),
    *either(
        "api/v1/targets/<int:target_id>/results/",
        ResultsViewSet.as_view({"get": "retrieve"}),
        "target-results",
    ),
    *either("api/v1/reports/", ReportViewSet.as_view({"get": "list", "post": "create"}), "reports"),
    *either(
        "api/v1/reports/<str:report_id>/",
        ReportViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        "report",
    ),
    *either(
        "api/v1/reports/<str:report_id>/cancel/",
        ReportViewSet.as_view({"post": "cancel"}),
        "report-cancel",
    ),
    *either(
        "api/v1/reports/<str:report_id>/download/",
        DownloadViewSet.as_view({"get": "download"}),
        "report-download",
    ),
    *either(
        "api/v1/reports/<str:report_id>/download.<str:suffix>",
        DownloadViewSet.as_view({"get": "download_as"}),
        "report-download-as",
    ),
    *either(
        "api/v1/reports/<str:report_id>/compare/",
        ComparisonViewSet.as_view({"get": "compare"}),
        "report-compare",
    ),
    *either(
        "api/v1/reports/<str:report_id>/dispute_pack/",
        DisputePackViewSet.as_view({"get": "dispute_pack"}),
        "report-dispute-pack",
    ),
    *either(
        "api/v1/reports/<str:report_id>/events/",
        EventViewSet.as_view({"get": "listen"}),
        "report-events",
    ),
]
