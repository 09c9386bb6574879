"""Small CSV feeds for tests, and a short way to ingest them."""

import io
from pathlib import Path

from feeds.files.sources import from_stream
from ingestion import services
from ingestion.models import Ingestion

STATUS = "store_id,status,timestamp_utc"
HOURS = "store_id,day,start_time_local,end_time_local"
TIME_ZONES = "store_id,timezone_str"
STORES = "store_id,name,tags"
SPECIAL_DAYS = "store_id,date,start_time_local,end_time_local,reason"


def csv(header: str, *rows: str) -> str:
    """A file of these lines."""
    return "\n".join([header, *rows, ""])


def ingest(text: str | bytes, name: str = "feed.csv", **options) -> Ingestion:
    """Ingest one file that holds ``text``; raises ``UnusableFile``."""
    data = text if isinstance(text, bytes) else text.encode()
    [source] = from_stream(io.BytesIO(data), name)
    return services.ingest(source, requested_by="a test", **options)


def ingest_polls(*rows: str) -> Ingestion:
    return ingest(csv(STATUS, *rows), "polls.csv")


def ingest_hours(*rows: str) -> Ingestion:
    return ingest(csv(HOURS, *rows), "hours.csv")


def ingest_time_zones(*rows: str) -> Ingestion:
    return ingest(csv(TIME_ZONES, *rows), "zones.csv")


def ingest_stores(*rows: str) -> Ingestion:
    return ingest(csv(STORES, *rows), "stores.csv")


def ingest_special_days(*rows: str) -> Ingestion:
    return ingest(csv(SPECIAL_DAYS, *rows), "special_days.csv")


def counts(record: Ingestion) -> dict[str, int]:
    """The counts of an ingestion that are not zero."""
    names = ("read", "new", "changed", "repeated", "superseded", "removed", "rejected")
    found = {name: getattr(record, f"rows_{name}") for name in names}
    return {name: count for name, count in found.items() if count}


def write(folder: Path, **files: str) -> Path:
    """Write ``name=text`` as name.csv into a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder
