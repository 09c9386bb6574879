"""A client of the HTTP API, for the first report and for health checks."""

import http.client
import json
from dataclasses import dataclass
from typing import Any

SECONDS = 5.0
# Behind an HTTPS proxy (setting HTTPS) plain requests are redirected; ours come from inside.
HEADERS = {"Content-Length": "0", "X-Forwarded-Proto": "https"}


class Refused(Exception):
    """The server answered with an error, whose text this is."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The progress of a report."""

    report_id: str
    percent: int
    complete: bool


class Client:
    """A client of one server. Every call may raise ``OSError`` while the server is down."""

    def __init__(self, host: str, port: int, *, token: str = "") -> None:
        self._address = (host, port)
        self._headers = HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})

    def healthy(self) -> bool:
        """Return whether the server and its database answer."""
        try:
            return self._call("GET", "/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def trigger(self) -> str:
        """Start a report as of the newest poll and return its id. Raises ``Refused``."""
        return str(self._json("POST", "/trigger_report")["report_id"])

    def progress(self, report_id: str) -> Progress:
        """Return the progress of the report. Raises ``Refused`` if it failed."""
        answer = self._json("GET", f"/get_report?report_id={report_id}")
        if answer["status"] == "Failed":
            raise Refused(answer["message"])
        return Progress(
            report_id=report_id,
            percent=answer["progress"]["percent"],
            complete=answer["status"] == "Complete",
        )

    def text(self, report_id: str) -> str:
        """Return the CSV of a complete report. Raises ``Refused``."""
        status, body = self._call("GET", f"/download_report?report_id={report_id}")
        if status != 200:
            raise Refused(body.decode(errors="replace"))
        return body.decode()

    def _json(self, method: str, path: str) -> dict[str, Any]:
        status, body = self._call(method, path)
        try:
            answer: dict[str, Any] = json.loads(body)
        except ValueError as error:
            raise Refused(f"{method} {path} answered {status} without JSON.") from error
        if status >= 400:
            raise Refused(answer["message"])
        return answer

    def _call(self, method: str, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self._address, timeout=SECONDS)
        try:
            connection.request(method, path, headers=self._headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
