"""Results of tasks in the admin: Django's own page for them, as records."""

from django.contrib import admin
from django_celery_results.admin import TaskResultAdmin
from django_celery_results.models import GroupResult, TaskResult

from backoffice.formatting import utc
from backoffice.readonly import ReadOnlyAdmin

# No task of ours is one of a group, so that there are no results of groups.
admin.site.unregister([TaskResult, GroupResult])


@admin.register(TaskResult)
class TaskRecordAdmin(ReadOnlyAdmin, TaskResultAdmin):  # type: ignore[misc]
    """What became of each task, newest first; pruning removes it."""

    list_display = ["task_name", "status", "ended", "worker", "task_id"]
    list_filter = ["status", "task_name"]
    date_hierarchy = None
    search_fields = ["task_id"]
    search_help_text = "The id of a task, or its beginning."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    @admin.display(description="ended (UTC)", ordering="date_done")
    def ended(self, result: TaskResult) -> str:
        """Return when it ended."""
        return utc(result.date_done)
