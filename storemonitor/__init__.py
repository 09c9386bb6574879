"""The Django project. Importing it makes its Celery application the current one."""

from storemonitor.celery import app as celery_app

__all__ = ["celery_app"]
