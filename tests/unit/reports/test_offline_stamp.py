"""``./run report DIR --stamp FILE``."""

import hashlib
import json

import pytest

from reports.offline import command as offline

AS_OF = ("--as-of", "2024-01-12T00:00:00Z")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "feeds"
    place.mkdir()
    (place / "polls.csv").write_text(
        "store_id,status,timestamp_utc\n"
        "b,active,2024-01-11 23:59:59.999999 UTC\n"
        "a,active,2024-01-11 12:00:00 UTC\n"
        "a,inactive,2024-01-12 00:00:00.000001 UTC\n"
    )
    return place


def test_it_says_by_what_the_report_was_made(folder, tmp_path, capfdbinary):
    place = tmp_path / "stamp.json"
    assert offline.main([str(folder), *AS_OF, "--stamp", str(place)]) == 0
    stamped = capfdbinary.readouterr().out
    assert offline.main([str(folder), *AS_OF]) == 0
    assert capfdbinary.readouterr().out == stamped

    stamp = json.loads(place.read_text())
    assert stamp["sha256"] == hashlib.sha256(stamped).hexdigest()
    assert stamp["as_of"] == "2024-01-12T00:00:00.000000Z"
    # The poll after as of was not read.
    assert (stamp["row_count"], stamp["data"]["polls"]["rows"]) == (2, 2)


def test_neither_the_order_of_rows_nor_their_files_make_a_difference(folder, tmp_path):
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    target = ("-o", str(tmp_path / "report.csv"))
    offline.main([str(folder), *AS_OF, *target, "--stamp", str(first)])
    header, *rows = (folder / "polls.csv").read_text().splitlines()
    for number, row in enumerate(rows):
        (folder / f"polls{number}.csv").write_text(f"{header}\n{row}\n")
    (folder / "polls.csv").write_text("\n".join([header, *rows[::-1], rows[0], ""]))
    offline.main([str(folder), *AS_OF, *target, "--stamp", str(second)])

    assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("other", [("--explain", "a"), ("--check-explanations",)])
def test_explanations_have_none(folder, tmp_path, capsys, other):
    with pytest.raises(SystemExit):
        offline.main([str(folder), "--stamp", str(tmp_path / "stamp.json"), *other])
    assert "--stamp is of a report, not of explanations" in capsys.readouterr().err


def test_it_says_where_it_cannot_write(folder, tmp_path, capsys):
    place = tmp_path / "nowhere" / "stamp.json"
    assert offline.main([str(folder), "--stamp", str(place)]) == 1
    assert f"{place} cannot be written: No such file" in capsys.readouterr().err
