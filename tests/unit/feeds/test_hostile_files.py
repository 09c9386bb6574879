"""Files made to break a reader end as rows or with one clear sentence, in bounded work."""

import gzip
import io
import os
import zipfile

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import given, settings

from feeds import blocks, ndjson
from feeds.headers import MOST_COLUMNS
from tests.unit.feeds.hostile import CORPUS, kept, outcomes
from tests.unit.feeds.reading import HOURS, SPECIAL_DAYS, STATUS, STORES, ZONES, read

FURTHER = int(os.environ.get("PROPERTY_EXAMPLES", "1"))
POLL = "1,active,2023-01-22 12:09:39 UTC\n"
OBJECT = '{"store_id":"1","status":"active","timestamp_utc":"2023-01-22 12:09:39"}\n'


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    return file.getvalue()


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


PACKED = {"plain": bytes, "gzip": lambda data: gzip.compress(data, mtime=0), "zstd": zstd}
PACKED |= {"zip": zipped, "gzip in zip": lambda data: zipped(gzip.compress(data, mtime=0))}
SEEDS = [
    (STATUS + POLL * 20).encode(),
    f"{HOURS}1,0,09:00:00,17:30:00\n2,6,00:00:00,23:59:59\n".encode(),
    f"{ZONES}1,America/New_York\n2,Asia/Beirut\n".encode(),
    f'{STORES}1,"Maple, Street",airport;x\n2,,\n'.encode(),
    f"{SPECIAL_DAYS}1,2026-12-25,,,Christmas\n2,2026-12-24,09:00,14:00,\n".encode(),
    (OBJECT * 20).encode(),
    *(path.read_bytes() for path in sorted(CORPUS.glob("*.*")) if path.stat().st_size < 2000),
]
ODD = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"{",
    b"}",
    b"\\ud800",
    b"9" * 400,
]
ODD += [
    b"\x1b[31m",
    b"1e999",
    b"NaN",
    b"+99:99",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"\x28\xb5",
]


def in_short(outcome):
    """Return an outcome without what a library says about damage, which differs by version."""
    return outcome.partition(" or incomplete")[0] if isinstance(outcome, str) else outcome


@pytest.mark.parametrize("name", kept())
def test_a_file_of_the_corpus_ends_as_it_did(name):
    told = outcomes((CORPUS / name).read_bytes(), name)
    assert [in_short(one) for one in told] == kept()[name]


def test_it_keeps_an_outcome_for_each_file():
    assert {path.name for path in CORPUS.iterdir()} == {"outcomes.json", *kept()}


def is_fit_for_a_message(text):
    return text.isprintable() and len(text) < 1000


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_a_file_cut_at_any_byte_ends_as_rows_or_with_a_sentence(pack):
    whole = pack((STATUS + POLL * 3).encode())
    for end in range(len(whole)):
        for outcome in outcomes(whole[:end], "cut.csv"):
            assert isinstance(outcome, list) == (pack is bytes) or is_fit_for_a_message(outcome)


@st.composite
def mutated(draw):
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for layer in (False, True):
        if layer:
            data = bytearray(PACKED[draw(st.sampled_from(list(PACKED)))](bytes(data)))
        for _ in range(draw(st.integers(0, 3))):
            first = draw(st.integers(0, len(data)))
            last = min(len(data), first + draw(st.integers(0, 20)))
            data[first:last] = draw(st.sampled_from(ODD) | st.binary(max_size=8))
    return bytes(data)


@given(mutated())
@settings(max_examples=300 * FURTHER)
def test_a_changed_file_ends_as_rows_or_with_a_sentence(data):
    for outcome in outcomes(data, "changed.csv"):
        assert isinstance(outcome, list) or is_fit_for_a_message(outcome), outcome


@pytest.fixture
def looked_at(monkeypatch):
    """Count the lines that are read one by one in Python."""
    lines = []
    read_row, members = blocks.read_row, ndjson._members

    def counted(function):
        def call(line, *arguments):
            lines.append(line)
            return function(line, *arguments)

        return call

    monkeypatch.setattr(blocks, "read_row", counted(read_row))
    monkeypatch.setattr(ndjson, "_members", counted(members))
    return lines


@pytest.mark.parametrize(
    ("start", "line", "end"),
    [
        (STATUS, '"\n', POLL),
        (STATUS, '"a,b\n', POLL),
        (STATUS, "a,b,c,d\n", POLL),
        (OBJECT, "{}\n", OBJECT),
        (OBJECT, "{\n", OBJECT),
        (OBJECT, '{"store_id":1}\n', OBJECT),
    ],
)
def test_a_million_bad_lines_are_not_looked_at_one_by_one(looked_at, start, line, end):
    everything = read(start + line * 1_000_000 + end)
    assert everything.rows == 1_000_001 + (start == OBJECT)
    assert len(everything.accepted) == everything.rows - 1_000_000
    assert [row.line for row in everything.rejected[:10_000]] == list(range(2, 10_002))
    # Three blocks are begun before the first one has used up the limit.
    assert len(looked_at) < 60_000


def test_it_takes_a_thousand_columns_and_no_more():
    spare = "," * (MOST_COLUMNS - 3)
    assert read(f"{STATUS[:-1]}{spare}\n{POLL[:-1]}{spare}\n").accepted != []
    for delimiter in ",;":
        wide = (STATUS[:-1].replace(",", delimiter) + delimiter * MOST_COLUMNS).encode()
        [reason] = outcomes(wide, "wide.csv")
        assert reason.startswith("wide.csv has 1,003 columns, and 1,000 are allowed")


def test_it_tells_a_column_name_by_what_prints():
    everything = read("store_id,sta\N{NO-BREAK SPACE}tus,timestamp_utc\n1,up,2023-01-22 12:09:39\n")
    assert everything.reasons[0][1] == "sta tus"
