"""Reading made-up files in tests: bytes in, plain Python out."""

import io
from dataclasses import dataclass

from feeds.parsing import Batch, FeedReader, RejectedRow

STATUS = "store_id,status,timestamp_utc\n"
HOURS = "store_id,day,start_time_local,end_time_local\n"
ZONES = "store_id,timezone_str\n"
STORES = "store_id,name,tags\n"
SPECIAL_DAYS = "store_id,date,start_time_local,end_time_local,reason\n"


@dataclass(frozen=True)
class Everything:
    """All that a file gave: its feed, accepted rows as tuples, rejected rows, rows read."""

    feed: str
    accepted: list[tuple]
    rejected: list[RejectedRow]
    rows: int

    @property
    def reasons(self) -> list[tuple[int, str, str, str]]:
        return [(row.line, row.field, row.value, row.reason) for row in self.rejected]


def plain(batch: Batch) -> list[tuple]:
    """Return the accepted rows of a batch as tuples: the id, then the columns in order."""
    columns = [column.tolist() for column in batch.columns.values()]
    ids = [batch.store_ids[index] for index in batch.store.tolist()]
    return list(zip(ids, *columns, strict=True))


def read(text: str | bytes, *, expected: str | None = None, name: str = "some.csv") -> Everything:
    """Read a whole file."""
    data = text.encode() if isinstance(text, str) else text
    reader = FeedReader(io.BytesIO(data), name=name, expected=expected)
    batches = list(reader.batches())
    return Everything(
        reader.feed,
        [row for batch in batches for row in plain(batch)],
        [row for batch in batches for row in batch.rejected],
        sum(batch.rows for batch in batches),
    )


def only_reason(header: str, row: str) -> tuple[str, str]:
    """Return the field and the reason for which the only row of a file is rejected."""
    everything = read(f"{header}{row}\n")
    assert everything.accepted == []
    [rejected] = everything.rejected
    assert rejected.line == 2
    return rejected.field, rejected.reason
