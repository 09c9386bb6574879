"""The least that reading a poll file can take: pyarrow's reader and typed instants.

``python -m bench.bare_csv FILE`` imports nothing else, so that as a whole process it is bare too.
"""

import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

_TEXT = ("store_id", "status", "timestamp_utc")
_SUFFIX = len(" UTC")


def read(path: str) -> pa.Table:
    """Return the polls with ``timestamp_utc`` as timestamp[us]; every one must end in `` UTC``."""
    texts = pa.csv.read_csv(
        path,
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(_TEXT, pa.string())),
    )
    bare = pc.utf8_slice_codeunits(texts["timestamp_utc"], 0, -_SUFFIX)
    instants = pc.cast(bare, pa.timestamp("us"))
    return texts.set_column(texts.column_names.index("timestamp_utc"), "timestamp_utc", instants)


if __name__ == "__main__":
    read(sys.argv[1])
