"""The page that the ``type`` of each problem links to."""

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.errors.details import kinds

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def error_page(request: "HttpRequest") -> "HttpResponse":
    """Show every kind of problem under its code."""
    return render(request, "api/errors.html", {"kinds": kinds()})
