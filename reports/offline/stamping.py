"""``./run report DIR --stamp FILE``: by what the report of these files was made."""

import hashlib
import json
from collections.abc import Iterator

from reports.offline.options import Options
from reports.stamp.stamps import finished, stamped
from uptime import Fleet, Question


def stamp(
    fleet: Fleet, question: Question, options: Options, content: bytes, row_count: int
) -> Iterator[bytes]:
    """Yield the stamp of a report with this content, as JSON."""
    outages = "unknown" if options.are_unknown else "fill"
    made = stamped(fleet, question, kind=options.kind, poller_outages=outages)
    sha256 = hashlib.sha256(content).hexdigest()
    told = finished(made, row_count=row_count, sha256=sha256)
    yield f"{json.dumps(told, indent=2, sort_keys=True)}\n".encode()
