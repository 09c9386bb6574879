"""What must hold once everything runs again and is quiet; checks return sentences."""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from tests.chaos.work import Question, unfinished

POLLS = """
SELECT store.store_id, poll.polled_at, poll.status FROM ingestion_poll poll
JOIN ingestion_store store ON store.store_key = poll.store_key
"""
REPORTS = """
SELECT id, status, error, as_of, windows, file, sha256, requested_by FROM reports_report
ORDER BY created_at
"""
# The launcher's own at each start, as of the newest poll, when older ones may be on their way.
UNSETTLED = "first report"
# Partitions are attached in the transaction that makes them.
LOOSE_TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition
AND relname LIKE 'ingestion_poll_%'
"""
LEFT_OPEN = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
AND state LIKE 'idle in transaction%' AND state_change < now() - interval '10 seconds'
"""
DELIVERIES = """
SELECT report.id, min(delivery.status), count(delivery.id) FROM reports_report report
LEFT JOIN webhooks_delivery delivery ON delivery.report_id = report.id
WHERE report.status IN ('Complete', 'Failed')
AND report.created_at > (SELECT max(created_at) FROM webhooks_webhook) GROUP BY report.id
"""
# The daily cleaning, as if a day had gone by.
CLEAN = """
from jobs import clock
from reports import retention
retention.orphaned_before = clock.now
retention.remove_orphans()
"""
SHOWN = 5


def all_faults(system, undisturbed):
    """Return a sentence for everything that is not as it must be."""
    return [
        *unfinished_work(system),
        *wrong_polls(system),
        *wrong_reports(system, undisturbed),
        *left_tables(system),
        *left_files(system),
        *left_processes(system),
    ]


def unfinished_work(system):
    return [f"{kind} {which} has not ended" for kind, which in unfinished(system)]


def wrong_polls(system):
    """Compare every poll with those sent: none lost, none twice, none half."""
    expected = system.files.expected()
    rows = [
        ((store, _instant(at)), "active" if status else "inactive")
        for store, at, status in system.query(POLLS)
    ]
    stored = dict(rows)
    lost, strange = expected.keys() - stored.keys(), stored.keys() - expected.keys()
    changed = [key for key in expected.keys() & stored.keys() if expected[key] != stored[key]]
    twice = len(rows) - len(stored)
    named = {"lost": lost, "never sent": strange, "changed": changed, "twice": range(twice)}
    return [f"{len(which)} polls {how}: {_some(which)}" for how, which in named.items() if which]


def half_stored(system):
    """Return the files of which some polls are stored and others are not, at this moment."""
    stored = {(store, _instant(at)) for store, at, _ in system.query(POLLS)}
    there = {number: _share(stored, system.files.rows(number)) for number in system.files.numbers()}
    half = {number: share for number, share in there.items() if 0 < share < 1}
    return [f"file {number} is stored to {share:.0%}" for number, share in half.items()]


def _share(stored, rows):
    return len(stored & rows.keys()) / len(rows)


def wrong_reports(system, undisturbed):
    """Compare the file of every report with an undisturbed computation."""
    reports = [(str(UUID(str(row[0]))), *row[1:]) for row in system.query(REPORTS)]
    lost = set(system.client.accepted) - {row[0] for row in reports}
    faults = {
        row[0]: _fault(system, undisturbed, row) for row in reports if row[0] not in system.emptied
    }
    return [
        *(f"report {which} was accepted and is gone" for which in lost),
        *(f"report {which} {fault}" for which, fault in faults.items() if fault),
    ]


def _fault(system, undisturbed, row):
    _, status, error, as_of, windows, file, checksum, requester = row
    if status == "Failed":
        return "" if error else "failed without a reason"
    if status != "Complete":
        return f"is {status}"
    windows = json.loads(windows) if isinstance(windows, str) else windows
    instant = _instant(as_of).isoformat()
    content = system.stored(file)
    settled = UNSETTLED not in requester
    if settled and content != undisturbed.report(Question(instant, tuple(windows))):
        return f"has wrong bytes (as of {instant}, {windows})"
    return "" if hashlib.sha256(content).hexdigest() == checksum else "has a wrong checksum"


def wrong_messages(system, receiver):
    """Compare what the receiver of the webhook got with the reports that have ended."""
    heard = {}
    for message in receiver.received:
        heard.setdefault(message.json["data"]["id"], set()).add(message.headers["webhook-id"])
    found = []
    for report, status, deliveries in system.query(DELIVERIES):
        if status != "Delivered" or deliveries != 1:
            found.append(f"report {report}: {deliveries} deliveries, {status}")
        elif len(heard.get(str(UUID(str(report))), ())) != 1:
            found.append(f"report {report} was announced as {heard.get(str(UUID(str(report))))}")
    return found


def reasons_of_failure(system):
    """Return how many reports failed for each reason."""
    return Counter(error for _, status, error, *_ in system.query(REPORTS) if status == "Failed")


def left_tables(system):
    """Return tables and transactions that something killed has left open in PostgreSQL."""
    if system.vendor != "postgresql":
        return []
    found = [f"table {name} is no partition" for (name,) in system.query(LOOSE_TABLES)]
    [(count,)] = system.query(LEFT_OPEN)
    return found + ([f"{count} connections are idle in a transaction"] if count else [])


def left_files(system):
    """Run the daily cleaning as if a day had gone by; what no row names must be gone then."""
    cleaned = system.manage("shell", "--no-imports", "-c", CLEAN)
    if cleaned.returncode:
        return [f"the daily cleaning failed: {cleaned.stderr[-500:]}"]
    stored = system.stored_names()
    named = {
        name
        for table, column in (
            ("reports_report", "file"),
            ("ingestion_ingestion", "rejects"),
            ("ingestion_ingestion", "upload"),
            ("dashboard_fleetsnapshot", "file"),
        )
        for (name,) in system.query(f"SELECT {column} FROM {table}")
    }
    return [f"{name} in media storage belongs to no row" for name in sorted(stored - named)] + [
        f"{path.relative_to(system.folder)} is left" for path in system.temporary_files()
    ]


def left_processes(system):
    """Return the processes of commands that have ended: their children must end with them."""
    return [f"process {pid} is left: {command}" for pid, command in system.strays().items()]


def _instant(value):
    """Return an instant from the database; SQLite's is a text."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def _some(which):
    return ", ".join(map(str, sorted(which)[:SHOWN]))
