"""A report's CSV in other forms: the same ids and numbers, whatever they are."""

import csv
import io
import json
import re
import tempfile
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from reports.exports import json_text, xlsx
from reports.exports import parquet as parquet_form
from reports.exports.blocks import Stored
from reports.exports.formats import FORMATS
from uptime import (
    DEFAULT_WINDOWS,
    MINUTE,
    Kind,
    Quality,
    UptimeSummary,
    columns,
    parse_windows,
    print_report,
)
from uptime.printing.formulas import defused

ABOUT = b'{"id":"7"}'
CLASSIC = {
    "store_id": Kind.ID,
    "uptime_last_hour(in minutes)": Kind.NUMBER,
    "downtime_2024_W10(in hours)": Kind.NUMBER,
}
FULL = {
    **CLASSIC,
    "uptime_percentage_last_day": Kind.NUMBER,
    "last_polled_at": Kind.INSTANT,
    "last_status": Kind.STATUS,
}
AWKWARD = [
    "8419537941919820732",
    "0012",
    "1e5",
    "=1+1",
    "-12",
    "+3",
    "@SUM(A1)",
    "'quoted'",
    "''",
    "n/a",
    "null",
    "nan",
    "True",
    'say "open"',
    "back\\slash",
    "a,b",
    "a;b",
    "inner space",
    "line\nbreak",
    "<b>&amp;</b>",
    "店 Café 🍕",
    "_x000D_",
    "2024-01-01",
]
POLLED = "2023-01-25T18:13:22.479220Z"


def stored(ids, columns=CLASSIC, values=None):
    """Return the CSV of stores with these ids; the other cells are as in ``values``."""
    values = values or ["60.00", "0.05", "99.99", POLLED, "active"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([one, *values[: len(columns) - 1]] for one in defused(ids))
    return text.getvalue().encode()


def made(suffix, content, header=None):
    header = header or (FULL if b"last_status" in content else CLASSIC)
    target = io.BytesIO()
    FORMATS[suffix].write(Stored(file=io.BytesIO(content), columns=header), ABOUT, target)
    return target.getvalue()


def json_rows(content):
    document = json.loads(content, parse_float=Decimal)
    assert document["report"] == {"id": "7"}
    return document["rows"]


def ndjson_rows(content):
    return [json.loads(line, parse_float=Decimal) for line in content.decode().split("\n")[:-1]]


def parquet_rows(content):
    table = parquet.read_table(io.BytesIO(content))
    assert table.schema.metadata[b"report"] == ABOUT
    return table.to_pylist()


def xlsx_rows(content):
    """Return the rows of the sheet: text as str, numbers as float, empty cells as None."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{space}f"))  # A formula.
    header, *rows = [
        {re.sub(r"\d", "", cell.get("r")): _cell(cell, space) for cell in row}
        for row in sheet.iter(f"{space}row")
    ]
    return [{name: row.get(place) for place, name in header.items()} for row in rows]


def _cell(cell, space):
    if cell.get("t") == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(f"{space}t"))
        return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)
    return float(cell.find(f"{space}v").text)


ROWS = {"json": json_rows, "ndjson": ndjson_rows, "parquet": parquet_rows, "xlsx": xlsx_rows}
EVERY = pytest.mark.parametrize("suffix", ROWS)


@EVERY
def test_it_has_every_id_as_it_is(suffix):
    rows = ROWS[suffix](made(suffix, stored(AWKWARD)))
    assert [row["store_id"] for row in rows] == AWKWARD


@settings(max_examples=60)
@given(
    ids=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=5)
)
def test_ids_of_any_text_survive(ids):
    for suffix in ("json", "ndjson", "parquet"):
        rows = ROWS[suffix](made(suffix, stored(ids)))
        assert [row["store_id"] for row in rows] == ids


@EVERY
def test_it_has_the_columns_of_the_csv_in_their_order(suffix):
    [row] = ROWS[suffix](made(suffix, stored(["a"], FULL)))
    assert tuple(row) == tuple(FULL)


@EVERY
def test_its_numbers_are_numbers(suffix):
    [row] = ROWS[suffix](made(suffix, stored(["a"])))
    assert [float(row[name]) for name in [*CLASSIC][1:]] == [60.0, 0.05]
    assert not any(isinstance(row[name], str) for name in [*CLASSIC][1:])


@pytest.mark.parametrize("suffix", ["json", "ndjson"])
def test_its_json_numbers_have_the_two_decimals_of_the_csv(suffix):
    text = made(suffix, stored(["a"])).decode()
    assert '"uptime_last_hour(in minutes)":60.00,"downtime_2024_W10(in hours)":0.05}' in text
    [row] = ROWS[suffix](text.encode())
    assert row["uptime_last_hour(in minutes)"] == Decimal("60.00")


@EVERY
def test_what_is_not_known_is_missing(suffix):
    [row] = ROWS[suffix](made(suffix, stored(["n/a"], FULL, ["0.00", "0.00", "n/a", "", ""])))
    assert [row[name] for name in [*FULL][3:]] == [None] * 3
    assert row["store_id"] == "n/a"


@pytest.mark.parametrize("suffix", ["json", "ndjson", "xlsx"])
def test_instants_are_text_where_there_is_nothing_better(suffix):
    [row] = ROWS[suffix](made(suffix, stored(["a"], FULL)))
    assert (row["last_polled_at"], row["last_status"]) == (POLLED, "active")


def test_instants_are_instants_of_utc_in_parquet():
    [row] = parquet_rows(made("parquet", stored(["a"], FULL)))
    assert row["last_polled_at"] == datetime(2023, 1, 25, 18, 13, 22, 479220, tzinfo=UTC)


def test_the_types_of_parquet_do_not_depend_on_the_rows():
    missing = ["0.00", "0.00", "n/a", "", ""]
    schemas = [
        parquet.read_schema(io.BytesIO(made("parquet", content)))
        for content in (stored([], FULL), stored(["a"], FULL), stored(["a"], FULL, missing))
    ]
    assert schemas[0].equals(schemas[1])
    assert schemas[0].equals(schemas[2])
    assert not schemas[0].field("store_id").nullable


@EVERY
def test_a_report_without_stores_is_a_file_without_rows(suffix):
    assert ROWS[suffix](made(suffix, stored([]))) == []


@EVERY
def test_the_same_report_gives_the_same_bytes(suffix):
    content = stored(AWKWARD, FULL)
    first = made(suffix, content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: 2_000_000_000.0)
        assert made(suffix, content) == first


@EVERY
def test_pieces_make_no_difference(suffix, monkeypatch):
    ids = [f"store {number}" for number in range(500)]
    content = stored(ids, FULL)
    whole = ROWS[suffix](made(suffix, content))
    for module in (json_text, parquet_form, xlsx):
        monkeypatch.setattr(module, "_BLOCK_BYTES", 300)
    assert ROWS[suffix](made(suffix, content)) == whole
    assert [row["store_id"] for row in whole] == ids


@EVERY
def test_it_takes_whatever_a_report_prints(suffix):
    """Every column and every kind of window, of a store that was polled and of one that was not."""
    windows = parse_windows([*DEFAULT_WINDOWS, "90m", "yesterday", "last-week", "2024-W10"])
    times = np.full((len(windows), 2), 90 * MINUTE)
    quality = Quality(
        **dict.fromkeys(("covered", "longest_gap", "least_up", "most_up", "margin"), times),
        last_polled_at=np.array([1_674_670_402_479_220, 0]),
        last_active=np.array([1, -1], np.int8),
    )
    up = times * [1, 0]
    summary = UptimeSummary(
        windows=windows,
        up=up,
        down=up,
        unknown=times - up,
        excluded=up * 0,
        open=times,
        quality=quality,
    )

    content = b"".join(print_report(["polled", "silent"], summary))
    header = columns(windows, full=True)
    polled, silent = ROWS[suffix](made(suffix, content, header))

    assert tuple(polled) == tuple(header)
    assert polled["uptime_percentage_2024_W10"] == 50
    assert silent["uptime_percentage_2024_W10"] is None
    assert polled["last_polled_at"] in {POLLED, datetime.fromisoformat(POLLED)}
    assert (polled["last_status"], silent["last_status"]) == ("active", None)
    numbers = [value for name, value in polled.items() if header[name] is Kind.NUMBER]
    assert len(numbers) == len(polled) - 3
    assert not any(isinstance(value, str) for value in numbers)


def test_a_workbook_shows_two_decimals_and_keeps_an_edited_id_text():
    with zipfile.ZipFile(io.BytesIO(made("xlsx", stored(["=1"])))) as book:
        styles = book.read("xl/styles.xml").decode()
    assert 'quotePrefix="1"' in styles
    assert 'formatCode="0.00"' in styles


def test_a_workbook_is_written_through_the_disk():
    content = io.BytesIO(stored([str(number) for number in range(2000)]))
    with tempfile.TemporaryFile() as target:
        xlsx.write_xlsx(Stored(file=content, columns=CLASSIC), ABOUT, target)
        target.seek(0)
        assert len(xlsx_rows(target.read())) == 2000


def test_versions_differ_where_bytes_do():
    versions = {form.version("ab12") for form in FORMATS.values()}
    assert len(versions) == len(FORMATS)
    assert FORMATS["csv"].version("ab12") == "ab12"
    assert FORMATS["parquet"].version("ab12").startswith("ab12-parquet-")


def test_columns_are_found_by_name_whatever_their_order():
    names = "downtime_2024_W10(in hours),store_id,more,uptime_last_hour(in minutes)"
    swapped = f"{names}\n0.05,a,1,60.00\n".encode()
    [row] = ndjson_rows(made("ndjson", swapped))
    assert tuple(row) == tuple(CLASSIC)
    assert (float(row["uptime_last_hour(in minutes)"]), row["store_id"]) == (60.0, "a")


def test_a_file_without_one_of_its_columns_is_refused():
    with pytest.raises(KeyError, match="downtime"):
        made("ndjson", b"store_id,uptime_last_hour(in minutes)\na,60.00\n")
