"""Ingestions in the admin: upload files, follow them, try them again. Records stay."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from api.transfer.bodies import takes_files
from backoffice.formatting import NONE, duration, size, utc
from backoffice.readonly import ReadOnlyAdmin
from ingestion.backoffice.previews import first_rows
from ingestion.backoffice.upload_form import UploadForm
from ingestion.models import Ingestion
from ingestion.outcomes import describe_removed
from ingestion.queue.starting import NotQueued, queue_upload, start_again
from ingestion.sample_stores import has_sample
from jobs.models import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

REJECTS_SHOWN = 20


@admin.register(Ingestion)
class IngestionAdmin(ReadOnlyAdmin):
    """Ingested files, and their rejected rows."""

    list_display = ["name", "feed", "state", "started", "read", "new", "rejected"]
    list_filter = ["status", "feed"]
    search_fields = ["name", "sha256"]
    search_help_text = "Part of a file's name, or its SHA-256."
    show_facets = admin.ShowFacets.NEVER
    # The list could be counted, but not also the rows of each filter.
    show_full_result_count = False
    actions = ["try_again"]
    fields = [
        "name",
        "feed",
        "status",
        "progress_text",
        "attempts",
        "error",
        "rows_read",
        "rows_new",
        "rows_changed",
        "rows_repeated",
        "rows_superseded",
        "rows_removed",
        "rejected",
        "sample",
        "requested_by",
        "started",
        "took",
        "size_text",
        "sha256",
    ]

    def has_add_permission(self, request: "HttpRequest") -> bool:
        """Tell whether the user may upload files."""
        return bool(request.user.has_perm("ingestion.add_ingestion"))

    def get_urls(self) -> "list[URLPattern]":
        """Return the admin's URLs and the one behind the button."""
        again = require_POST(self.admin_site.admin_view(self.again_view))
        name = "ingestion_ingestion_again"
        return [path("<int:ingestion_id>/again/", again, name=name), *super().get_urls()]

    @takes_files
    def add_view(
        self, request: "HttpRequest", form_url: str = "", extra_context: Any = None
    ) -> "HttpResponse":
        """Accept files and queue each of them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self._take(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": "Upload files",
            "opts": self.opts,
            "form": form,
            "has_sample": has_sample(),
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/ingestion/ingestion/upload.html", context)

    def again_view(self, request: "HttpRequest", ingestion_id: int) -> "HttpResponse":
        if not self.has_add_permission(request):
            raise PermissionDenied
        record = get_object_or_404(Ingestion, pk=ingestion_id)
        self._try_again(request, [record])
        return HttpResponseRedirect(
            reverse("admin:ingestion_ingestion_change", args=[ingestion_id])
        )

    def changelist_view(
        self, request: "HttpRequest", extra_context: dict[str, Any] | None = None
    ) -> "HttpResponse":
        """Show the list; after an upload it reloads until all files are finished."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and "pk__in" in request.GET:
            listed = (response.context_data or {})["cl"].result_list
            unfinished = any(record.status in UNFINISHED for record in listed)
            response.context_data = {**(response.context_data or {}), "refresh": unfinished}
        return response

    def change_view(
        self,
        request: "HttpRequest",
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> "HttpResponse":
        """Show an ingestion; its page reloads until it has finished."""
        response = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse):
            response.context_data = {
                **(response.context_data or {}),
                **self._shown(request, response),
            }
        return response

    def _shown(self, request: "HttpRequest", response: TemplateResponse) -> dict[str, Any]:
        """Return what the page of one ingestion shows besides the fields."""
        record = (response.context_data or {})["original"]
        again = record.status == Ingestion.Status.FAILED and bool(record.upload)
        return {
            "refresh": record.status in UNFINISHED,
            "may_try_again": again and self.has_add_permission(request),
            "rejects": first_rows(record.rejects, REJECTS_SHOWN) if record.rejects else None,
        }

    def _take(self, request: "HttpRequest", form: UploadForm) -> "HttpResponse":
        kept = []
        for upload in form.cleaned_data["uploads"]:
            try:
                record = queue_upload(
                    upload,
                    requested_by=request.user.get_username(),
                    feed="",
                    keep_sample=form.cleaned_data["keep_sample"],
                )
            except NotQueued as error:
                self.message_user(request, f"{upload.name}: {error}", messages.ERROR)
                record = error.ingestion
            self.log_addition(request, record, "Uploaded.")
            kept.append(str(record.pk))
        address = reverse("admin:ingestion_ingestion_changelist", query={"pk__in": ",".join(kept)})
        return HttpResponseRedirect(address)

    @admin.action(description="Try again, if the file was kept", permissions=["add"])
    def try_again(self, request: "HttpRequest", queryset: "QuerySet[Ingestion]") -> None:
        """Queue the files of failed ingestions again."""
        self._try_again(request, queryset)

    def _try_again(self, request: "HttpRequest", records: "Iterable[Ingestion]") -> None:
        for record in records:
            try:
                queued = start_again(record)
            except NotQueued as error:
                self.message_user(request, f"{record.name}: {error}", messages.ERROR)
                continue
            if queued:
                self.log_change(request, record, "Tried again.")
                self.message_user(request, f"{record.name} was queued again.")
            else:
                reason = "only failed ingestions whose file was kept can be tried again."
                self.message_user(request, f"{record.name}: {reason}", messages.WARNING)

    @admin.display(description="status", ordering="status")
    def state(self, ingestion: Ingestion) -> str:
        """Return the status, with the progress while it runs."""
        percent = ingestion.progress["percent"]
        if ingestion.status != Ingestion.Status.RUNNING or percent is None:
            return ingestion.get_status_display()
        return f"{ingestion.status}, {ingestion.progress['phase']} {percent} %"

    @admin.display(description="progress")
    def progress_text(self, ingestion: Ingestion) -> str:
        """Return the phase and its progress."""
        if ingestion.status == Ingestion.Status.FAILED:
            return NONE
        progress = ingestion.progress
        percent = NONE if progress["percent"] is None else f"{progress['percent']} %"
        return f"{progress['phase']}, {percent}"

    @admin.display(description="sample")
    def sample(self, ingestion: Ingestion) -> str:
        """Return a note about the sample of `./run`, if the file replaced it."""
        return describe_removed(ingestion) if ingestion.sample_stores_removed else NONE

    @admin.display(description="started (UTC)", ordering="started_at")
    def started(self, ingestion: Ingestion) -> str:
        return utc(ingestion.started_at)

    @admin.display(description="took")
    def took(self, ingestion: Ingestion) -> str:
        return duration(ingestion.started_at, ingestion.finished_at)

    @admin.display(description="size")
    def size_text(self, ingestion: Ingestion) -> str:
        """Return the size of the file as sent."""
        return size(ingestion.size)

    @admin.display(description="read", ordering="rows_read")
    def read(self, ingestion: Ingestion) -> str:
        return f"{ingestion.rows_read:,}"

    @admin.display(description="new", ordering="rows_new")
    def new(self, ingestion: Ingestion) -> str:
        """Return how many rows were not known before."""
        return f"{ingestion.rows_new:,}"

    @admin.display(description="rejected", ordering="rows_rejected")
    def rejected(self, ingestion: Ingestion) -> "SafeString | str":
        """Return the number of rejected rows as a link to them."""
        if not ingestion.rejects:
            return f"{ingestion.rows_rejected:,}"
        address = reverse("ingestion-rejects", args=[ingestion.pk])
        return format_html('<a href="{}">{}</a>', address, f"{ingestion.rows_rejected:,}")
