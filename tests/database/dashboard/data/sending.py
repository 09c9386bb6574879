"""Sending files by the form of the data page, and reading what it says."""

import html
import re

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.database.files import STATUS, csv

DATA = "/data/"
HTMX = {"HX-Request": "true"}
POLLS = csv(STATUS, "a,active,2023-01-22 12:09:39.388884 UTC", "a,active,never")


def send(client, *texts: str | bytes, headers=None, **values):
    files = [
        SimpleUploadedFile(f"{number}.csv", text if isinstance(text, bytes) else text.encode())
        for number, text in enumerate(texts)
    ]
    return client.post(DATA, {"uploads": files, "whole": "True", **values}, headers=headers)


def words(response) -> str:
    """The words of a page, whatever its status is."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))
