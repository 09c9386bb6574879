"""WSGI entry point: ``gunicorn storemonitor.wsgi``."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from storemonitor.configuration.databases import for_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")

settings.DATABASES["default"] = for_requests(
    settings.DATABASES["default"],
    lock=settings.DATABASE_LOCK_SECONDS,
    statement=settings.DATABASE_STATEMENT_SECONDS,
)
application = get_wsgi_application()
