"""Task results in the admin: Django's own page, read-only."""

from django.contrib import admin
from django_celery_results.admin import TaskResultAdmin
from django_celery_results.models import GroupResult, TaskResult

from backoffice.formatting import utc
from backoffice.readonly import ReadOnlyAdmin

# We use no task groups, so there are no group results.
admin.site.unregister([TaskResult, GroupResult])


@admin.register(TaskResult)
class TaskRecordAdmin(ReadOnlyAdmin, TaskResultAdmin):  # type: ignore[misc]
    """Task results, newest first; pruning removes them."""

    list_display = ["task_name", "status", "ended", "worker", "task_id"]
    list_filter = ["status", "task_name"]
    date_hierarchy = None
    search_fields = ["task_id"]
    search_help_text = "A task id, or its beginning."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    @admin.display(description="ended (UTC)", ordering="date_done")
    def ended(self, result: TaskResult) -> str:
        return utc(result.date_done)
