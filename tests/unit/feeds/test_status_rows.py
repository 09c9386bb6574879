import pytest

from tests.unit.feeds.reading import STATUS, only_reason, read

AT = 1_674_389_379_388_884  # 2023-01-22 12:09:39.388884 UTC
SECOND = 1_000_000
NOON = "2023-01-22 12:09:39.388884"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        (f"{NOON} UTC", AT),
        (f"{NOON}Z", AT),
        (f"{NOON} Z", AT),
        (f"{NOON} utc", AT),
        (NOON, AT),
        ("2023-01-22T12:09:39.388884", AT),
        ("2023-01-22T12:09:39.388884+00:00", AT),
        ("2023-01-22T17:39:39.388884+05:30", AT),
        ("2023-01-22 06:09:39.388884-06:00", AT),
        ("2023-01-22 06:09:39.388884-0600", AT),
        ("2023-01-21 23:09:39.388884 -13:00", AT),
        ("2023-01-22 12:09:39.388884000 UTC", AT),
        ("2023-01-22 12:09:39.38888 UTC", AT - 4),
        ("2023-01-22 12:09:39.3 UTC", AT - 88_884),
        ("2023-01-22 12:09:39 UTC", AT - 388_884),
        ("2000-01-01 00:00:00 UTC", 946_684_800 * SECOND),
        ("2000-01-01 05:30:00+05:30", 946_684_800 * SECOND),
        ("2100-12-31 23:59:59.999999 UTC", 4_133_980_800 * SECOND - 1),
        ("2024-02-29 00:00:00 UTC", 1_709_164_800 * SECOND),
    ],
)
def test_it_reads_an_instant_however_it_is_written(written, at):
    assert read(f"{STATUS}7,active,{written}\n").accepted == [("7", 1, at)]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("yesterday", "is not an instant like 2023-01-22 12:09:39.388884 UTC"),
        ("2023-01-22", "is not an instant like 2023-01-22 12:09:39.388884 UTC"),
        ("2023-01-22 12:09", "is not an instant like 2023-01-22 12:09:39.388884 UTC"),
        ("22/01/2023 12:09:39", "is not an instant like 2023-01-22 12:09:39.388884 UTC"),
        ("2023-01-22 12:09:39 CST", "is not an instant like 2023-01-22 12:09:39.388884 UTC"),
        ("\uff12023-01-22 12:09:39", "is not an instant like 2023-01-22 12:09:39.388884 UTC"),
        ("2023-02-29 12:09:39", "does not exist on the calendar or the clock"),
        ("2023-01-22 24:00:00", "does not exist on the calendar or the clock"),
        ("2023-01-22 12:60:00", "does not exist on the calendar or the clock"),
        ("2016-12-31 23:59:60 UTC", "is a leap second, which is not supported"),
        ("2023-01-22 12:09:39.3888841 UTC", "is finer than a microsecond"),
        ("2023-01-22 12:09:39+24:00", "has an offset of a day or more"),
        ("1999-12-31 23:59:59.999999 UTC", "is outside the years 2000 to 2100"),
        ("2000-01-01 00:00:00+00:01", "is outside the years 2000 to 2100"),
        ("2101-01-01 00:00:00 UTC", "is outside the years 2000 to 2100"),
        ("0001-01-01 00:00:00+23:00", "is outside the years 2000 to 2100"),
        ("0000-01-01 00:00:00", "does not exist on the calendar or the clock"),
    ],
)
def test_it_says_what_is_wrong_with_an_instant(written, reason):
    assert only_reason(STATUS, f"7,active,{written}") == ("timestamp_utc", reason)


def test_it_reads_each_instant_by_its_own_ending_where_they_are_mixed():
    rows = f"1,active,{NOON} UTC\n2,active,{NOON}+01:00\n3,active,{NOON}Z\n4,active,{NOON}\n"
    at = [row[2] for row in read(STATUS + rows).accepted]
    assert at == [AT, AT - 3600 * SECOND, AT, AT]


@pytest.mark.parametrize("written", ["active", "ACTIVE", " Active "])
def test_it_forgives_case_and_spaces_of_a_status(written):
    assert read(f"{STATUS}7,{written},{NOON}\n").accepted == [("7", 1, AT)]


@pytest.mark.parametrize("written", ["down", "1", "activ", "true"])
def test_it_rejects_any_other_status(written):
    assert only_reason(STATUS, f"7,{written},{NOON}") == (
        "status",
        'is neither "active" nor "inactive"',
    )


@pytest.mark.parametrize(
    ("written", "store_id"),
    [
        ("1481966498820158979", "1481966498820158979"),
        ("  1481966498820158979 ", "1481966498820158979"),
        ("b5d0a65d-6d54-47aa-95e9-9312f0353326", "b5d0a65d-6d54-47aa-95e9-9312f0353326"),
        ("007", "007"),
        ("Café 9", "Café 9"),
        ("x" * 100, "x" * 100),
        ("1481966498820150000", "1481966498820150000"),
    ],
)
def test_it_keeps_a_store_id_as_text_without_its_spaces(written, store_id):
    assert read(f"{STATUS}{written},active,{NOON}\n").accepted == [(store_id, 1, AT)]


@pytest.mark.parametrize("written", ["8.13992624246019E+018", "8.13E+18", "8E+18", "8.1e18"])
def test_it_names_a_spreadsheet_where_one_rounded_the_ids(written):
    reason = "is a number rounded by a spreadsheet: export the ids as text"
    assert only_reason(STATUS, f"{written},active,{NOON}") == ("store_id", reason)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "is empty"),
        ("x" * 101, "is longer than 100 characters"),
        ("a\x07b", "has characters that cannot be printed"),
        ("\ufeff7", "has characters that cannot be printed"),
    ],
)
def test_it_says_what_is_wrong_with_a_store_id(written, reason):
    assert only_reason(STATUS, f"{written},active,{NOON}") == ("store_id", reason)


def test_it_takes_an_id_with_and_without_spaces_for_one_store():
    everything = read(f"{STATUS}7,active,{NOON}\n 7,inactive,{NOON}\n")
    assert everything.accepted == [("7", 1, AT), ("7", 0, AT)]


def test_it_leaves_out_the_ids_of_rows_it_rejects():
    everything = read(f"{STATUS}7,active,{NOON}\n8,down,{NOON}\n9,active,{NOON}\n")
    assert everything.accepted == [("7", 1, AT), ("9", 1, AT)]
    assert everything.rows == 3


def test_it_goes_on_after_each_bad_row_and_counts_them_all():
    rows = [
        f"1,active,{NOON}",
        f"2,down,{NOON}",
        "",
        "3,active",
        f"4,active,{NOON},5",
        f'5,"active,{NOON}',
        f"6,inactive,{NOON}",
    ]
    everything = read(STATUS + "\n".join(rows))
    assert [row[0] for row in everything.accepted] == ["1", "6"]
    assert everything.rows == 6
    assert everything.reasons == [
        (3, "status", "down", 'is neither "active" nor "inactive"'),
        (5, "", "3,active", "has 2 fields where the header has 3"),
        (6, "", rows[4], "has 4 fields where the header has 3"),
        (7, "", rows[5], "has a quote that is never closed"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"7\0,active,2023-01-22 12:09:39", "has a NUL byte"),
        (b"7,active\r,2023-01-22 12:09:39", "has a carriage return in the middle"),
        (b'"7"8,active,2023-01-22 12:09:39', "is not valid CSV: ',' expected after '\"'"),
    ],
)
def test_it_rejects_a_line_that_is_no_csv(line, reason):
    [rejected] = read(STATUS.encode() + line + b"\n").rejected
    assert (rejected.line, rejected.field, rejected.reason) == (2, "", reason)


def test_it_rejects_a_row_whose_id_is_not_utf8_and_shows_what_can_be_shown():
    lines = f"caf\xe9,active,{NOON}\ncafe,active,{NOON}\n".encode("latin-1")
    everything = read(STATUS.encode() + lines)
    assert everything.reasons == [(2, "store_id", "caf\ufffd", "is not UTF-8 text")]
    assert everything.accepted == [("cafe", 1, AT)]


def test_it_does_not_mind_what_stands_in_a_column_it_does_not_need():
    lines = f"caf\xe9,7,active,{NOON}\n".encode("latin-1")
    assert read(b"town," + STATUS.encode() + lines).accepted == [("7", 1, AT)]


def test_it_cuts_a_long_value_to_two_hundred_characters():
    [rejected] = read(f"{STATUS}{'x' * 5000},active,{NOON}\n").rejected
    assert rejected.value == "x" * 200


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_it_reads_any_line_ending_with_or_without_the_last_one(ending, last):
    text = ending.join([STATUS.strip(), f"7,active,{NOON} UTC", f"8,inactive,{NOON} UTC"])
    everything = read(text + ending * last)
    assert everything.accepted == [("7", 1, AT), ("8", 0, AT)]
    assert everything.rejected == []


def test_it_skips_blank_lines_and_keeps_the_numbers_of_the_others():
    everything = read(f"\n{STATUS}\n\r\n   \n7,down,{NOON}\n\n\n")
    assert everything.rows == 1
    assert [row.line for row in everything.rejected] == [6]


def test_it_finds_the_lines_of_bad_rows_far_into_a_large_file():
    # Some ten megabytes: several blocks, with a bad row in every thousand.
    rows = [
        f"{number},{'down' if number % 1000 == 999 else 'active'},{NOON} UTC\n"
        for number in range(220_000)
    ]
    everything = read(STATUS + "".join(rows))
    assert [row.line for row in everything.rejected] == list(range(1001, 220_002, 1000))
    assert everything.rows == 220_000
    assert [int(row[0]) for row in everything.accepted] == [
        number for number in range(220_000) if number % 1000 != 999
    ]
