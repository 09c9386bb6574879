"""WSGI entry point: ``gunicorn storemonitor.wsgi``."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from storemonitor.chunked import KnownLength

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")

application = KnownLength(get_wsgi_application(), limit=settings.MAX_UPLOAD_BYTES)
