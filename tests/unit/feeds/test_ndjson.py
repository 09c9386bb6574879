"""Polls as NDJSON: accepted and rejected by the rules of the CSV, with the right line numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import UnusableFile
from tests.unit.feeds.reading import STATUS, read

NOON = "2024-01-15 12:00:00 UTC"
AT = 1_705_320_000_000_000


def line(**members) -> str:
    return json.dumps({"store_id": "7", "status": "active", "timestamp_utc": NOON, **members})


def only_reject(text: str | bytes) -> tuple:
    """The rejection of the bad second line of three."""
    good = line().encode()
    bad = text.encode() if isinstance(text, str) else text
    everything = read(b"\n".join((good, bad, good, b"")))
    assert everything.accepted == [("7", 1, AT)] * 2
    assert everything.rows == 3
    [reject] = everything.reasons
    assert reject[0] == 2
    return reject[1:]


def test_it_reads_one_poll_a_line():
    text = f"{line()}\n{line(status='inactive', store_id=8419537941919820732)}\n"
    everything = read(text)
    assert everything.feed == "status"
    assert everything.accepted == [("7", 1, AT), ("8419537941919820732", 0, AT)]
    assert everything.rejected == []


def test_it_ignores_unknown_members_and_their_order():
    everything = read(
        f'{{"x": [{{}}], "timestamp_utc": "{NOON}", "status": "ACTIVE", "store_id": 7}}'
    )
    assert everything.accepted == [("7", 1, AT)]


@pytest.mark.parametrize("beginning", ["\ufeff", "\n\r\n", "  "])
def test_it_is_told_by_its_first_brace(beginning):
    assert read(beginning + line() + "\r\n").accepted == [("7", 1, AT)]


def test_it_counts_blank_lines_as_lines_and_not_as_rows():
    everything = read(f"\n{line()}\n \n{line(status='open')}\n")
    assert everything.rows == 2
    assert [row[:3] for row in everything.reasons] == [(4, "status", "open")]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (line(status="open"), "status", "open"),
        (line(status=1), "status", "1"),
        (line(status=None), "status", "null"),
        (line(store_id=1.5), "store_id", "1.5"),
        (line(store_id=True), "store_id", "true"),
        (line(store_id=" "), "store_id", ""),
        (line(store_id="a\0"), "store_id", "a\0"),
        (line(store_id="a\nb"), "store_id", "a\nb"),
        (line(store_id="\ud800"), "store_id", "?"),
        (line(timestamp_utc="noon"), "timestamp_utc", "noon"),
        (line(timestamp_utc=1705320000), "timestamp_utc", "1705320000"),
        ('{"store_id": "7", "status": "active"}', "timestamp_utc", ""),
        ("{}", "store_id", ""),
        ("[1]", "", "[1]"),
        ("null", "", "null"),
        ('{"store_id": ', "", '{"store_id":'),
        (line() + line(), "", (line() + line())[:200]),
        ('{"store_id": NaN}', "", '{"store_id": NaN}'),
        (b'{"store_id": "\xff"}', "", '{"store_id": "\ufffd"}'),
        ('{"x":' + "[" * 30000, "", ('{"x":' + "[" * 30000)[:200]),
        ('{"store_id":' + "1" * 6000 + "}", "", ('{"store_id":' + "1" * 200)[:200]),
    ],
)
def test_it_rejects_a_line_and_says_where(text, field, value):
    assert only_reject(text)[:2] == (field, value)


def test_it_says_why():
    assert only_reject(line(store_id=None))[2] == "is not a string or a whole number"
    assert only_reject(line(status="open"))[2] == 'is neither "active" nor "inactive"'
    assert only_reject("{}")[2] == "is missing"
    assert only_reject("{a")[2].startswith("is not valid JSON: ")


def test_it_reads_files_of_many_blocks():
    text = "".join(
        line(store_id=number) + ("\nx\n" if number % 1000 == 0 else "\n")
        for number in range(70_000)
    )
    assert len(text) > 4 * 1024 * 1024
    everything = read(text)
    assert [row[0] for row in everything.accepted] == [str(number) for number in range(70_000)]
    assert [row.line for row in everything.rejected] == [2 + 1001 * part for part in range(70)]


def test_it_reads_sound_objects_at_once_as_it_reads_lines():
    sound = [line(store_id=number, x={"y": [number]}) for number in range(100)]
    mixed = [line(store_id=str(number)) if number % 2 else sound[number] for number in range(100)]
    odd = [*sound, "{}"]
    for lines in (sound, mixed, odd):
        everything = read("\n".join(lines))
        assert everything.accepted == [(str(number), 1, AT) for number in range(100)]
    assert [row[0] for row in everything.reasons] == [101]


def test_it_tells_two_objects_on_a_line_from_two_lines():
    everything = read(f"{line()}{line()}\n\n{line()}\n")
    assert [row[0] for row in everything.reasons] == [1]
    assert everything.rows == 2


def test_it_is_for_polls_only():
    with pytest.raises(UnusableFile, match="given as hours"):
        read(line(), expected="hours")


def test_it_refuses_a_json_array():
    with pytest.raises(UnusableFile, match="one object per line"):
        read(f"[{line()}]")


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters='",\r\n\0'), max_size=8)


@given(
    st.lists(
        st.tuples(
            PLAIN,
            st.sampled_from(["active", " Inactive", "open", ""]),
            st.sampled_from([NOON, "2024-01-15T12:00:00.5Z", "2024-01-15 12:00:00+02:00", "?", ""]),
        ),
        min_size=1,
    )
)
def test_it_takes_what_the_csv_takes(polls):
    """But for the first line, which is the header of the CSV."""
    csv = read(STATUS + "".join(f'"{a}","{b}","{c}"\n' for a, b, c in polls))
    objects = read("".join(line(store_id=a, status=b, timestamp_utc=c) + "\n" for a, b, c in polls))
    assert objects.accepted == csv.accepted
    assert [
        (row.line + 1, row.field, row.value, row.reason) for row in objects.rejected
    ] == csv.reasons
