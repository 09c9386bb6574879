"""``./run report DIR --stamp FILE``: by what the report of these files was made."""

import hashlib
import json
from collections.abc import Iterator

from reports.stamp.stamps import finished, stamped
from uptime import Fleet, Question


def stamp(
    fleet: Fleet, question: Question, content: bytes, *, are_unknown: bool
) -> Iterator[bytes]:
    """Yield the stamp of a report with this content, as JSON."""
    outages = "unknown" if are_unknown else "fill"
    made = stamped(fleet, question, poller_outages=outages)
    sha256 = hashlib.sha256(content).hexdigest()
    told = finished(made, row_count=len(fleet.store_ids), sha256=sha256)
    yield f"{json.dumps(told, indent=2, sort_keys=True)}\n".encode()
