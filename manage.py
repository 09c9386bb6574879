#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

import django
from django.core.management import execute_from_command_line

from storemonitor.operations.doctor import without_settings

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")
    # Commands print what they did; their log has only problems.
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    try:
        django.setup()
    except without_settings.UNUSABLE as error:
        sys.exit(without_settings.tell(error, sys.argv[1:]))
    from access.audit.entries import recorded_command  # It needs the apps.

    with recorded_command(" ".join(sys.argv[1:2])):
        execute_from_command_line(sys.argv)
