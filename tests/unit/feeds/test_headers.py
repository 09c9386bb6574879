import pytest

from feeds.declared import FEEDS
from feeds.errors import UnusableFile
from ingestion.models import Feed
from tests.unit.feeds.reading import HOURS, SPECIAL_DAYS, STATUS, STORES, ZONES, read

AT = 1_674_389_379_000_000
ROW = "7,active,2023-01-22 12:09:39 UTC\n"


def refusal(text, expected=None):
    with pytest.raises(UnusableFile) as caught:
        read(text, expected=expected, name="sent.csv")
    return str(caught.value)


def test_it_has_the_feeds_that_the_database_knows():
    assert sorted(FEEDS) == sorted(Feed.values)


@pytest.mark.parametrize(
    ("header", "feed"),
    [
        (STATUS, "status"),
        (HOURS, "hours"),
        (ZONES, "timezones"),
        (STORES, "stores"),
        (SPECIAL_DAYS, "special_days"),
    ],
)
def test_it_tells_the_feed_by_the_header(header, feed):
    assert read(header).feed == feed
    assert read(header, expected=feed).feed == feed


@pytest.mark.parametrize("day", ["day", "dayOfWeek", "day_of_week", "Day Of Week", "DAYOFWEEK"])
def test_it_knows_the_names_of_the_weekday_in_the_wild(day):
    assert read(HOURS.replace("day", day)).feed == "hours"


@pytest.mark.parametrize("zone", ["timezone_str", "timezone", "Time Zone", "TimezoneStr"])
def test_it_knows_the_names_of_the_time_zone_in_the_wild(zone):
    assert read(ZONES.replace("timezone_str", zone)).feed == "timezones"


@pytest.mark.parametrize(
    "header",
    [
        "store_id,status,timestamp_utc",
        " Store_ID , STATUS , Timestamp UTC ",
        '"store_id","status","timestamp_utc"',
        '"store_id", "status", "timestamp_utc"',
        "\ufeffstore_id,status,timestamp_utc",
        '\ufeff"store_id","status","timestamp_utc"',
        "Store-Id,Status,timestampUtc",
        "store_id,status,timestamp_utc\r",
    ],
)
def test_it_forgives_case_spaces_quotes_and_a_byte_order_mark(header):
    assert read(f"{header}\n{ROW}").accepted == [("7", 1, AT)]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_it_reads_other_delimiters(delimiter):
    assert read((STATUS + ROW).replace(",", delimiter)).accepted == [("7", 1, AT)]


def test_it_takes_columns_in_any_order_and_ignores_others():
    text = "note,timestamp_utc,,status,note,store_id\nx,2023-01-22 12:09:39,,active,y,7\n"
    assert read(text).accepted == [("7", 1, AT)]


def test_it_reads_a_header_alone_as_no_rows():
    assert read(STATUS.strip()).rows == 0


@pytest.mark.parametrize("text", ["", "\n", "\r\n  \n", "\ufeff"])
def test_it_refuses_an_empty_file(text):
    assert refusal(text) == "sent.csv is empty"


def test_it_names_the_columns_that_are_missing():
    assert refusal("store_id,status\n7,active\n") == (
        "sent.csv has the header store_id,status, which lacks timestamp_utc "
        "of status: store_id,status,timestamp_utc"
    )


def test_it_names_what_it_found_and_what_it_expected():
    assert refusal("a,b\n1,2\n") == (
        "sent.csv has the header a,b where store_id,status,timestamp_utc or "
        "store_id,day,start_time_local,end_time_local or store_id,timezone_str "
        "or store_id,name,tags or "
        "store_id,date,start_time_local,end_time_local,reason is expected"
    )
    assert refusal("a,b\n1,2\n", expected="timezones") == (
        "sent.csv has the header a,b where store_id,timezone_str is expected"
    )


def test_it_cuts_a_header_that_nobody_would_read():
    assert len(refusal(",".join(["something"] * 1000))) < 500


def test_it_refuses_a_file_given_as_another_feed():
    assert refusal(ZONES, expected="status") == (
        "sent.csv was given as status, but has the header of timezones"
    )


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        "8139926242460185114,Asia/Beirut\n",
        "x,4,00:00:00,00:10:00\n",
        "x,America/Chicago\n",
        "x,2026-12-25,,,Christmas\n",
    ],
)
def test_it_says_that_the_header_is_missing(row):
    assert refusal(row).startswith("sent.csv has no header: its first line is data (")


def test_it_refuses_one_column_twice():
    assert refusal("store_id,day,dayOfWeek,start_time_local,end_time_local\n") == (
        "sent.csv has a column twice: day and dayOfWeek; remove one of them"
    )


def test_it_asks_where_a_header_fits_two_feeds_unless_it_was_told():
    text = f"{STATUS.strip()},timezone_str\n7,active,2023-01-22 12:09:39,America/Chicago\n"
    assert refusal(text) == "the header of sent.csv fits status and timezones: say which feed it is"
    assert read(text, expected="status").accepted == [("7", 1, AT)]
    assert read(text, expected="timezones").feed == "timezones"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_it_names_utf16(encoding):
    reason = "is a binary file, not a CSV file"
    if encoding != "utf-32":
        reason = "is UTF-16 text: save it again as UTF-8"
    assert refusal((STATUS + ROW).encode(encoding)) in {
        f"sent.csv {reason}",
        "sent.csv is UTF-16 text: save it again as UTF-8",
    }


def test_it_refuses_a_header_that_is_not_utf8():
    text = "store_id,status,timestamp_utc,caf\xe9\n".encode("latin-1")
    assert refusal(text) == "the header of sent.csv is not UTF-8 text: save it as UTF-8"


def test_it_names_bare_carriage_returns():
    assert refusal((STATUS + ROW).replace("\n", "\r")) == (
        "sent.csv ends lines with bare carriage returns: save it with newlines"
    )


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "is a Git LFS pointer"),
        (b"<!DOCTYPE html><html>", "is a web page or XML"),
        (b"\n <html lang=en>", "is a web page or XML"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an Excel workbook"),
        (b"PAR1", "is a Parquet file"),
        (b"BZh91AY", "is compressed with bzip2"),
        (b"\x00\x01\x02\x00\x03\x00\x00\x00", "is a binary file"),
    ],
)
def test_it_names_what_is_no_csv(head, reason):
    assert refusal(head).startswith(f"sent.csv {reason}")


def test_it_refuses_a_line_without_end_before_memory_fills():
    assert refusal("x" * 70_000).startswith("line 1 of sent.csv is longer than 64 KiB")
    tail = STATUS + ROW + "y" * 65_537
    assert refusal(tail).startswith("line 3 of sent.csv is longer than 64 KiB")
    assert refusal(tail + "\n" + ROW).startswith("line 3 of sent.csv is longer than 64 KiB")


def test_it_takes_the_longest_line_there_may_be():
    line = ROW.strip().replace("7", "7," + "y" * (65_536 - len(ROW)), 1)
    assert len(line) == 65_536
    header = STATUS.replace("store_id", "store_id,note")
    assert read(f"{header}{line}\n{line}").accepted == [("7", 1, AT)] * 2
    assert refusal(f"{header}{line}y\n").startswith("line 2 of sent.csv")


def test_it_refuses_a_long_line_in_the_middle_of_a_large_file():
    many = ROW * 200_000
    assert refusal(STATUS + many + "y" * 70_000 + "\n" + many).startswith("line 200002 of sent.csv")
    assert refusal(STATUS + many + "y" * 9_000_000).startswith("line 200002 of sent.csv")
