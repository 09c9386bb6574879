"""The format of a file by its first bytes: how it is compressed, or why it is not CSV."""

import re

GZIP = "gzip"
ZSTD = "zstd"
ZIP = "zip"

_PACKED = {b"\x1f\x8b": GZIP, b"\x28\xb5\x2f\xfd": ZSTD, b"PK\x03\x04": ZIP, b"PK\x05\x06": ZIP}

_FOREIGN = {
    b"version https://git-lfs.github.com/": (
        "is a Git LFS pointer, not the file itself: fetch the file with `git lfs pull`"
    ),
    b"\xff\xfe": "is UTF-16 text: save it again as UTF-8",
    b"\xfe\xff": "is UTF-16 text: save it again as UTF-8",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook: save the sheet as CSV (UTF-8)",
    b"[": "is a JSON array: send one object per line (NDJSON), without brackets and commas",
    b"%PDF": "is a PDF document, not a CSV file",
    b"PAR1": "is a Parquet file: export it as CSV",
    b"SQLite format 3": "is an SQLite database: export the table as CSV",
    b"BZh": "is compressed with bzip2: use gzip, zstd or zip, or send it uncompressed",
    b"\xfd7zXZ": "is compressed with xz: use gzip, zstd or zip, or send it uncompressed",
    b"7z\xbc\xaf": "is a 7-Zip archive: use gzip, zstd or zip, or send it uncompressed",
    b"\x1f\x8b": "is compressed with gzip twice: decompress it once",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd twice: decompress it once",
    b"PK\x03\x04": "is a zip archive inside a compressed file: decompress it once",
}
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)


def compression(head: bytes) -> str | None:
    """Return GZIP, ZSTD or ZIP according to the first four bytes of a file, else None."""
    return next((packing for magic, packing in _PACKED.items() if head.startswith(magic)), None)


def why_not_csv(head: bytes) -> str | None:
    """Return what a file that begins with ``head`` is instead of CSV, None for CSV.

    The answer continues a sentence that begins with the file's name.
    """
    if not head:
        return "is empty"
    for magic, reason in _FOREIGN.items():
        if head.startswith(magic):
            return reason
    if head[257:262] == b"ustar":
        return "is a tar archive: send the files in it one by one, or as a zip archive"
    if _MARKUP.match(head):
        return "is a web page or XML, not a CSV file: was a log-in or error page saved?"
    if b"\0" in head:
        return _with_nul(head)
    return None


def _with_nul(head: bytes) -> str | None:
    """Return what a head with NUL bytes is; None if they are few enough to be damage."""
    share = head.count(b"\0") / len(head)
    if share < 0.1:
        return None
    # Latin text in UTF-16 without a byte order mark has NUL in every second byte.
    if 0.4 <= share <= 0.6:
        return "is UTF-16 text: save it again as UTF-8"
    return "is a binary file, not a CSV file"
