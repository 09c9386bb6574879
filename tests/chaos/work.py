"""What clients do: send files by each way and ask for reports, patiently."""

import http.client
import json
import time
import uuid
from dataclasses import dataclass

from tests.end_to_end.stack import UNFINISHED, until

CSV = {"Content_Type": "text/csv"}
JSON = {"Content_Type": "application/json"}
STORED, PARTLY_STORED = 0, 3
PAUSE = 0.3
# Recorded by the sweep if the process that made the report was killed in between.
UNANNOUNCED = """
SELECT id FROM reports_report WHERE status IN ('Complete', 'Failed')
AND created_at > (SELECT max(created_at) FROM webhooks_webhook)
AND id NOT IN (SELECT report_id FROM webhooks_delivery WHERE report_id IS NOT NULL)
"""
# A worker that dies with a file costs a minute's lease, and a passing error half a minute.
SECONDS = 240.0
# The first is more than one shard, the second is one.
WEEK, HOUR = ("1h", "24h", "7d"), ("1h",)


class NotInTime(AssertionError):
    """Something was still not done after the longest time that it may take."""


@dataclass(frozen=True)
class Question:
    """What a report is asked about; its bytes depend on nothing else."""

    as_of: str
    windows: tuple[str, ...] = WEEK


class Client:
    """Sends numbered files to a system and requests reports, again until it has succeeded."""

    def __init__(self, system, files, *, seconds=SECONDS):
        self._system, self._files, self._seconds = system, files, seconds
        self.accepted = []

    def send_in_request(self, number):
        """Have a file stored within its request."""
        self._send(number)

    def send_to_queue(self, number):
        """Have a file stored by a worker."""
        self._send(number, Prefer="respond-async")

    def send_by_command(self, number):
        """Have a file stored by the command."""
        path = self._system.outbox / f"sent-{number}.csv"
        path.write_text(self._files.text(number))

        def stored():
            return self._system.manage("ingest", path).returncode in {STORED, PARTLY_STORED}

        self._again(stored)
        path.unlink()
        self._files.is_stored(number)

    def request_report(self, question):
        """Request a report until it was accepted; return its id."""
        body = json.dumps({"as_of": question.as_of, "windows": [*question.windows]})
        key = None

        def accepted():
            nonlocal key
            key = key or uuid.uuid4().hex
            answer = self._call("POST", "/api/v1/reports/", body, Idempotency_Key=key, **JSON)
            if answer and answer.status not in {200, 202}:
                key = None  # That report has failed; without any answer it may be waiting.
                return None
            return answer

        report_id = self._again(accepted).json["id"]
        self.accepted.append(report_id)
        return report_id

    def finished(self, report_id):
        """Wait until a report has ended and return it."""
        return self._ended(f"/api/v1/reports/{report_id}/")

    def download(self, report_id):
        def answered():
            answer = self._call("GET", f"/api/v1/reports/{report_id}/download.csv")
            return answer if answer and answer.status != 503 else None

        return self._again(answered).body

    def _send(self, number, **headers):
        text = self._files.text(number).encode()

        def taken():
            answer = self._call("POST", "/api/v1/polls/", text, **CSV, **headers)
            return answer if answer and answer.status in {200, 201, 202} else None

        # Kept for a worker also if an earlier file waits for one.
        answer = self._again(taken)
        kept = answer.json["ingestion"]["id"] if answer.status == 202 else None
        if kept and self._ended(f"/api/v1/ingestions/{kept}/")["status"] != "Complete":
            self._send(number, **headers)
        else:
            self._files.is_stored(number)

    def _ended(self, path):
        def ended():
            answer = self._call("GET", path)
            told = answer.json if answer and answer.status == 200 else {}
            return told if told.get("status") not in {None, "Queued", "Running"} else None

        return self._again(ended)

    def _call(self, *request, **headers):
        """Return the answer; None without one."""
        try:
            return self._system.call(*request, **headers)
        except (OSError, http.client.HTTPException):
            return None

    def _again(self, question):
        deadline = time.monotonic() + self._seconds
        while time.monotonic() < deadline:
            if answer := question():
                return answer
            time.sleep(PAUSE)
        raise NotInTime(f"still not after {self._seconds} s: {question.__qualname__}")


def quiet(system, *, seconds=SECONDS):
    """Wait until no report, file or delivery is unfinished and no message waits."""
    until(lambda: not unfinished(system), seconds=seconds, pause=0.2)


def unfinished(system):
    """Return what has not ended, by kind."""
    waiting = {
        "report": UNFINISHED,
        "ingestion": "SELECT id FROM ingestion_ingestion WHERE status IN ('Queued', 'Running')",
        "message of report": UNANNOUNCED,
        "delivery": "SELECT id FROM webhooks_delivery WHERE status = 'Pending'",
        "snapshot": "SELECT id FROM dashboard_fleetsnapshot WHERE status IN ('Queued', 'Running')",
        "run": "SELECT id FROM schedules_scheduledrun WHERE status IN ('Waiting', 'Mailing')",
    }
    found = [(kind, which) for kind, query in waiting.items() for (which,) in system.query(query)]
    messages = [("message", name) for name in ("celery", "messages") if system.waiting(name)]
    return found + messages
