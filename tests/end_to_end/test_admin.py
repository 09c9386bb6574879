"""The admin before a real worker: a file is uploaded, followed and reported on."""

import re
import uuid
from urllib.parse import urlencode

import pytest

from tests.database.files import STATUS, csv
from tests.end_to_end.stack import until

MAKE_USER = """
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("admin", password="a-long-password")
"""


class Browser:
    """As much of a browser as it takes without a script: cookies, and forms."""

    def __init__(self, stack):
        self._stack = stack
        self._cookies = {}
        self.get("/admin/login/")
        self.post("/admin/login/", username="admin", password="a-long-password")

    def get(self, path):
        return self._keep(self._stack.get(path, Cookie=self._cookie()))

    def post(self, path, **fields):
        body = urlencode({"csrfmiddlewaretoken": self._cookies["csrftoken"], **fields})
        kind = "application/x-www-form-urlencoded"
        return self._keep(
            self._stack.call("POST", path, body, Cookie=self._cookie(), Content_Type=kind)
        )

    def send(self, path, name, text):
        """Send a form with one file, as a browser writes it."""
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="'
        body = (
            f'{head}csrfmiddlewaretoken"\r\n\r\n{self._cookies["csrftoken"]}\r\n'
            f'{head}uploads"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n'
            f'{head}whole"\r\n\r\nTrue\r\n--{edge}--\r\n'
        )
        kind = f"multipart/form-data; boundary={edge}"
        return self._keep(
            self._stack.call("POST", path, body, Cookie=self._cookie(), Content_Type=kind)
        )

    def page(self, path):
        answer = self.get(path)
        assert answer.status == 200, answer.status
        return answer.body.decode()

    def _cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _keep(self, answer):
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer


@pytest.fixture
def person(filled):
    if not filled.query("SELECT 1 FROM auth_user"):
        made = filled.manage("shell", "--no-imports", "-c", MAKE_USER)
        assert made.returncode == 0, made.stderr
    return Browser(filled)


def test_it_shows_a_worker_that_lives_and_what_it_swept(filled, person):
    until(lambda: re.search(r"celery@.*: alive", person.page("/admin/")))
    until(lambda: "none known" not in person.page("/admin/"))
    assert re.search(r"\d+ waiting", person.page("/admin/"))


def test_it_takes_a_file_that_a_worker_stores_and_shows_its_rejects(filled, person):
    text = csv(STATUS, "new,active,2023-01-22 12:09:39 UTC", "new,active,never")
    answer = person.send("/admin/ingestion/ingestion/add/", "mine.csv", text)
    assert answer.status == 302
    listed = answer.headers["Location"]
    until(lambda: 'http-equiv="refresh"' not in person.page(listed))
    assert "Complete" in person.page(listed)
    key = listed.rpartition("=")[2]
    assert "never" in person.page(f"/admin/ingestion/ingestion/{key}/change/")


def test_it_requests_a_report_and_shows_its_first_rows(filled, person):
    form = {"as_of": "", "windows": "24h", "columns": "full", "_save": "Request"}
    answer = person.post("/admin/reports/report/add/", **form)
    assert answer.status == 302, answer.body
    address = answer.headers["Location"]
    until(lambda: 'http-equiv="refresh"' not in person.page(address))
    page = person.page(address)
    assert "The first 10 of" in page
    assert "uptime_percentage_last_day" in page
