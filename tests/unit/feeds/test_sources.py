import contextlib
import gzip
import hashlib
import io
import os
import random
import subprocess
import sys
import zipfile

import pyarrow as pa
import pytest

from feeds.errors import UnusableFile
from feeds.files.sources import from_folder, from_path, from_stream, from_upload
from feeds.parsing import FeedReader

TEXT = b"store_id,timezone_str\n" + b"".join(b"%d,America/Chicago\n" % n for n in range(50_000))


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def gzipped(data):
    return gzip.compress(data, mtime=0)


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


PACKED = {"as it is": bytes, "gzip": gzipped, "zstd": zstd}


def content(source):
    with source.open() as stream:
        parts = list(iter(lambda: stream.read(100_000), b""))
        return b"".join(parts), stream


class Pipe(io.RawIOBase):
    """A stream that cannot seek and hands out three bytes at first, then a few more."""

    def __init__(self, data):
        self._data = io.BytesIO(data)
        self._size = 1

    def read(self, size=-1):
        self._size = min(self._size * 2, size if size > 0 else self._size)
        return self._data.read(self._size)

    def seekable(self):
        return False


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED.keys())
def test_it_unpacks_and_measures_the_bytes_as_sent(pack, tmp_path):
    path = tmp_path / "zones.anything"
    path.write_bytes(pack(TEXT))
    [source] = from_path(path)
    data, stream = content(source)
    assert data == TEXT
    assert stream.sha256 == hashlib.sha256(pack(TEXT)).hexdigest()
    assert source.size == stream.size == stream.position == len(pack(TEXT))
    assert source.name == "zones.anything"


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED.keys())
@pytest.mark.parametrize("stream_type", [io.BytesIO, Pipe])
def test_it_reads_an_open_stream(pack, stream_type):
    raw = stream_type(pack(TEXT))
    [source] = from_stream(raw, "standard input")
    data, stream = content(source)
    assert data == TEXT
    assert stream.sha256 == hashlib.sha256(pack(TEXT)).hexdigest()
    assert source.size == (len(pack(TEXT)) if raw.seekable() else None)
    assert not raw.closed


def test_it_says_no_checksum_before_the_end():
    [source] = from_stream(io.BytesIO(TEXT), "zones.csv")
    with source.open() as stream:
        stream.read(1000)
        assert stream.sha256 == ""


@pytest.mark.parametrize("pack", [gzipped, zstd])
def test_it_reads_packed_parts_one_after_the_other(pack):
    [source] = from_stream(io.BytesIO(pack(TEXT) + pack(TEXT)), "zones.csv.gz")
    assert content(source)[0] == TEXT + TEXT


@pytest.mark.parametrize("pack", [gzipped, zstd])
@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: data + b"junkjunkjunk"])
def test_it_tells_a_truncated_or_continued_file(pack, damage):
    [source] = from_stream(io.BytesIO(damage(pack(TEXT))), "zones.csv.gz")
    with pytest.raises(UnusableFile, match=r"^zones\.csv\.gz is damaged or incomplete: "):
        content(source)


def test_it_tells_damage_in_the_middle_of_reading_a_feed():
    [source] = from_stream(io.BytesIO(gzipped(TEXT)[:-5]), "zones.csv.gz")
    with pytest.raises(UnusableFile, match="damaged or incomplete"), source.open() as stream:
        list(FeedReader(stream, name=source.name).batches())


@pytest.mark.parametrize("stream_type", [io.BytesIO, Pipe])
def test_it_opens_each_csv_of_an_archive(stream_type):
    data = zipped(
        **{
            "b/status.csv": b"status",
            "a.CSV": b"zones",
            "packed.csv.gz": gzipped(b"hours"),
            "readme.txt": b"no",
            "__MACOSX/a.csv": b"no",
            "b/._status.csv": b"no",
        }
    )
    sources = from_stream(stream_type(data), "all.zip")
    assert {source.name: content(source)[0] for source in sources} == {
        "all.zip/b/status.csv": b"status",
        "all.zip/a.CSV": b"zones",
        "all.zip/packed.csv.gz": b"hours",
    }


def test_it_measures_a_member_of_an_archive_by_its_own_bytes(tmp_path):
    (tmp_path / "all.zip").write_bytes(zipped(**{"zones.csv": TEXT}))
    [source] = from_path(tmp_path / "all.zip")
    _, stream = content(source)
    assert source.size == stream.size == len(TEXT)
    assert stream.sha256 == hashlib.sha256(TEXT).hexdigest()


def test_it_refuses_an_archive_without_a_csv():
    with pytest.raises(UnusableFile, match=r"^all\.zip is an archive without a CSV file$"):
        from_stream(io.BytesIO(zipped(**{"readme.txt": b"x"})), "all.zip")


def test_it_names_a_workbook(tmp_path):
    data = zipped(**{"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"})
    (tmp_path / "hours.csv").write_bytes(data)
    with pytest.raises(UnusableFile, match=r"^hours\.csv is an Excel workbook"):
        from_path(tmp_path / "hours.csv")


def test_it_refuses_half_an_archive():
    with pytest.raises(UnusableFile, match=r"^all\.zip is damaged or incomplete"):
        from_stream(io.BytesIO(zipped(**{"zones.csv": TEXT})[:-40]), "all.zip")


def test_it_refuses_an_archive_that_points_outside_itself():
    data = bytearray(zipped(**{"zones.csv": TEXT}))
    where = data.index(b"PK\x05\x06") + 16
    data[where : where + 4] = (len(data) * 2).to_bytes(4, "little")
    with pytest.raises(UnusableFile, match=r"^all\.zip(/zones\.csv)? is damaged or incomplete"):
        [content(source) for source in from_stream(io.BytesIO(bytes(data)), "all.zip")]


def test_it_refuses_a_member_whose_bytes_were_changed():
    data = bytearray(zipped(**{"zones.csv": TEXT}))
    data[len(data) // 2] ^= 0xFF
    [source] = from_stream(io.BytesIO(bytes(data)), "all.zip")
    with pytest.raises(UnusableFile, match=r"^all\.zip/zones\.csv is damaged or incomplete"):
        content(source)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_it_refuses_a_member_that_would_be_unpacked_whole(method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("zones.csv", TEXT)
        archive.writestr("plain.csv", TEXT, zipfile.ZIP_DEFLATED)
    packed, plain = from_stream(io.BytesIO(file.getvalue()), "all.zip")
    with pytest.raises(UnusableFile, match=r"^all\.zip/zones\.csv is compressed with \w+: use"):
        content(packed)
    assert content(plain)[0] == TEXT


def test_it_refuses_an_archive_of_too_many_entries():
    data = zipped(**{f"{number}.txt": b"" for number in range(1001)})
    with pytest.raises(UnusableFile, match=r"^all\.zip has more than the 1,000 entries"):
        from_stream(io.BytesIO(data), "all.zip")


def test_it_refuses_an_archive_whose_directory_is_too_large_to_be_read():
    data = zipped(**{f"{number}{'x' * 60_000}.txt": b"" for number in range(20)})
    with pytest.raises(UnusableFile, match=r"^all\.zip has more than the 1,000 entries"):
        from_stream(io.BytesIO(data), "all.zip")


@pytest.mark.parametrize("pack", [gzipped, zstd, lambda data: zipped(**{"polls.csv": data})])
def test_it_refuses_what_unpacks_to_far_more_than_its_size(pack):
    [source] = from_stream(io.BytesIO(pack(bytes(70_000_000))), "bomb")
    with pytest.raises(UnusableFile, match="decompresses to more than 250 times its size"):
        content(source)


@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_archive_is_a_fault_of_the_file(seed):
    draw = random.Random(seed)
    data = bytearray(zipped(**{"a.csv": b"store_id,timezone_str\na,UTC\n"}))
    for _ in range(draw.randint(1, 4)):
        data[draw.randrange(4, len(data))] = draw.randrange(256)
    with contextlib.suppress(UnusableFile):
        [content(source) for source in from_stream(io.BytesIO(bytes(data)), "all.zip")]


def test_it_refuses_a_member_with_a_password():
    data = bytearray(zipped(**{"zones.csv": TEXT}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    [source] = from_stream(io.BytesIO(bytes(data)), "all.zip")
    with pytest.raises(UnusableFile, match=r"^all\.zip/zones\.csv is encrypted: .*password"):
        content(source)


def test_it_takes_the_wanted_files_of_a_folder_by_name(tmp_path):
    names = ["z.csv", "a.csv.gz", "m.csv.zst", "b.zip", "notes.txt", ".hidden.csv", "K.CSV"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "b.zip").write_bytes(zipped(**{"1.csv": b"x", "2.csv": b"x"}))
    (tmp_path / "folder.csv").mkdir()
    assert [source.name for source in from_folder(tmp_path)] == [
        "K.CSV",
        "a.csv.gz",
        "b.zip/1.csv",
        "b.zip/2.csv",
        "m.csv.zst",
        "z.csv",
    ]


def test_it_refuses_what_is_not_there(tmp_path):
    with pytest.raises(UnusableFile, match=r"^none\.csv cannot be read: No such file"):
        from_path(tmp_path / "none.csv")
    with pytest.raises(UnusableFile, match=r"nowhere cannot be read: No such file"):
        from_folder(tmp_path / "nowhere")
    with pytest.raises(UnusableFile, match=r"has no file ending in \.csv, \.csv\.gz"):
        from_folder(tmp_path)


def test_it_refuses_a_folder_given_as_a_file(tmp_path):
    with pytest.raises(UnusableFile, match="cannot be read: Is a directory"):
        from_path(tmp_path)


def test_it_needs_no_django():
    code = "import sys, feeds.parsing, feeds.files.sources; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_reads_a_file_many_times_larger_than_its_memory():
    # 150 MiB of rows, made while they are read; two blocks and their columns stay well below.
    code = """if True:
        import resource, sys
        from feeds.parsing import FeedReader

        class Endless:
            left = 150 * 1024 * 1024
            unread = b"store_id,status,timestamp_utc\\n"
            row = b"1481966498820158979,active,2023-01-22 12:09:39.388884 UTC\\n"

            def read(self, size):
                wanted = max(0, min(size, self.left))
                data = self.unread or self.row * (wanted // len(self.row))
                self.unread = b""
                self.left -= len(data)
                return data

        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

        batches = FeedReader(Endless(), name="endless.csv").batches()
        rows = sum(next(batches).rows for _ in range(5))
        before = peak()
        rows += sum(batch.rows for batch in batches)
        sys.exit(0 if rows > 2_500_000 and peak() - before < 40 else f"{rows} rows, {peak()} MiB")
    """
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_it_lists_a_folder_although_one_archive_is_damaged(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped(**{"zones.csv": TEXT})[:-40])
    (tmp_path / "b.csv").write_bytes(TEXT)

    damaged, good = from_folder(tmp_path)

    with good.open() as stream:
        assert stream.read(4) == TEXT[:4]
    with pytest.raises(UnusableFile, match=r"a\.zip"), damaged.open():
        pass


def test_it_names_a_file_in_text_whatever_bytes_the_disk_holds(tmp_path):
    (tmp_path / os.fsdecode(b"\xe9t\xe9.csv")).write_bytes(TEXT)

    [source] = from_folder(tmp_path)

    assert source.name == "\N{REPLACEMENT CHARACTER}t\N{REPLACEMENT CHARACTER}.csv"


@pytest.mark.parametrize("pack", [*PACKED.values(), lambda data: zipped(**{"polls.csv": data})])
def test_it_stops_where_an_upload_unpacks_to_more_than_is_allowed(pack):
    def sent(limit):
        return from_upload(io.BytesIO(pack(TEXT)), "feed.csv", limit=limit)

    assert content(sent(len(TEXT)))[0] == TEXT
    with pytest.raises(UnusableFile, match=f"feed.csv.* more than the {len(TEXT) - 1:,} bytes"):
        content(sent(len(TEXT) - 1))


def test_it_stops_long_before_the_end_of_a_bomb():
    bomb = gzipped(bytes(50_000_000))
    assert len(bomb) < 100_000
    parts = []
    source = from_upload(io.BytesIO(bomb), "bomb", limit=1_000_000)
    with source.open() as stream, pytest.raises(UnusableFile):
        parts.extend(iter(lambda: stream.read(100_000), b""))
    assert sum(map(len, parts)) <= 1_000_000


def test_it_tells_the_name_of_a_member_by_what_prints():
    [source] = from_stream(io.BytesIO(zipped(**{"a\n\x1b[31mred.csv": TEXT})), "feed.zip")
    assert source.name == "feed.zip/a[31mred.csv"
    assert content(source)[0] == TEXT
