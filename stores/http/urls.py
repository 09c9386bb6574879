"""URLs of stores."""

from django.urls import register_converter

from api.routing import either
from stores.http.explain_views import ExplainViewSet
from stores.http.fitting.views import SuggestionViewSet
from stores.http.history_views import HistoryViewSet
from stores.http.ids import StoreIdConverter
from stores.http.special_days.views import ProposalViewSet, SpecialDayViewSet
from stores.http.views import StorePollViewSet, StoreViewSet

register_converter(StoreIdConverter, "store_id")

_STORE = "api/v1/stores/<store_id:store_id>/"

urlpatterns = [
    *either(
        "api/v1/hours_suggestions/",
        SuggestionViewSet.as_view({"get": "suggest"}),
        "hours-suggestions",
    ),
    *either("api/v1/stores/", StoreViewSet.as_view({"get": "list"}), "stores"),
    *either(
        _STORE,
        StoreViewSet.as_view(
            {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
        ),
        "store",
    ),
    *either(f"{_STORE}polls/", StorePollViewSet.as_view({"get": "list"}), "store-polls"),
    *either(f"{_STORE}uptime/", HistoryViewSet.as_view({"get": "uptime"}), "store-uptime"),
    *either(f"{_STORE}timeline/", HistoryViewSet.as_view({"get": "timeline"}), "store-timeline"),
    *either(f"{_STORE}explain/", ExplainViewSet.as_view({"get": "explain"}), "store-explain"),
    *either(
        "api/v1/special_days/",
        SpecialDayViewSet.as_view({"get": "list", "post": "create"}),
        "special-days",
    ),
    *either(
        "api/v1/special_days/proposals/",
        ProposalViewSet.as_view({"get": "proposals"}),
        "special-day-proposals",
    ),
    *either(
        "api/v1/special_days/<int:special_day_id>/",
        SpecialDayViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        "special-day",
    ),
]
