"""URLs of the whole project."""

from django.conf import settings
from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from api.errors.page import error_page
from api.routing import either
from api.schema_view import SchemaView
from storemonitor.metrics.view import MetricsView
from storemonitor.operations.health import HealthView
from storemonitor.readiness.view import ReadinessView

urlpatterns = [
    path("", include("reports.http.urls")),
    path("", include("stores.http.urls")),
    path("", include("stores.exclusions.urls")),
    path("", include("ingestion.http.urls")),
    path("", include("schedules.http.urls")),
    path("", include("targets.http.urls")),
    path("", include("webhooks.http.urls")),
    path("", include("dashboard.urls")),
    *either("api/schema", SchemaView.as_view(), "schema"),
    *either(
        "docs",
        SpectacularSwaggerSplitView.as_view(template_name="reports/docs.html"),
        "docs",
    ),
    *either("docs/errors", error_page, "errors"),
    *either("healthz", HealthView.as_view(), "healthz"),
    *either("readyz", ReadinessView.as_view(), "readyz"),
    *either("metrics", MetricsView.as_view(), "metrics"),
    path("admin/", admin.site.urls),
    # Browsers request it for pages without an icon, such as JSON.
    path("favicon.ico", RedirectView.as_view(url=static("api/icon.svg"))),
]

if settings.OIDC_PROVIDER:
    urlpatterns.append(path("sign-in/", include("dashboard.provider_urls")))

handler400 = "api.errors.handlers.bad_request"
handler403 = "api.errors.handlers.permission_denied"
handler404 = "api.errors.handlers.not_found"
handler500 = "api.errors.handlers.server_error"
