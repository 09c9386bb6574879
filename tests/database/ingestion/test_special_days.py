"""Special days: a file makes the rows of the stores and dates it names, and of no others."""

import random
from datetime import date

import pytest
from django.core.management import call_command

from fleet.models import SpecialDay, Store, Tag
from fleet.versions import current_version
from ingestion.models import Ingestion
from ingestion.storing import special_day_loader, spool
from tests.database.files import SPECIAL_DAYS, counts, csv, ingest_special_days, write

pytestmark = pytest.mark.django_db(transaction=True)


def days():
    """Every row, as "store date opens-closes reason"."""
    rows = SpecialDay.objects.values_list("store__store_id", "date", "opens", "closes", "reason")
    return sorted(
        f"{store} {day} {f'{opens}-{closes}' if opens else 'closed'} {reason}".strip()
        for store, day, opens, closes, reason in rows
    )


def test_it_stores_days_that_are_closed_and_each_opening_of_the_others():
    record = ingest_special_days(
        "a,2026-12-25,,,Christmas",
        "a,2026-12-24,09:00,12:00,Christmas Eve",
        "a,2026-12-24,17:00,24:00,",
        "b,2026-12-31,22:00:00.000001,02:00,",
    )

    assert counts(record) == {"read": 4, "new": 4}
    assert days() == [
        "a 2026-12-24 09:00:00-12:00:00 Christmas Eve",
        "a 2026-12-24 17:00:00-00:00:00",
        "a 2026-12-25 closed Christmas",
        "b 2026-12-31 22:00:00.000001-02:00:00",
    ]
    assert set(SpecialDay.objects.values_list("made_by", "tag")) == {("a test", None)}


def test_it_replaces_the_rows_of_its_stores_on_its_dates_and_no_others():
    ingest_special_days(
        "a,2026-12-24,09:00,12:00,", "a,2026-12-25,,,", "b,2026-12-24,,,", "a,2027-01-01,,,"
    )

    record = ingest_special_days("a,2026-12-24,10:00,12:00,", "b,2026-12-25,,,", "c,2026-12-24,,,")

    assert counts(record) == {"read": 3, "new": 3, "removed": 1}
    assert days() == [
        "a 2026-12-24 10:00:00-12:00:00",
        "a 2026-12-25 closed",
        "a 2027-01-01 closed",
        "b 2026-12-24 closed",
        "b 2026-12-25 closed",
        "c 2026-12-24 closed",
    ]


def test_it_opens_a_day_that_was_closed_and_closes_one_that_was_open():
    ingest_special_days("a,2026-12-24,,,", "a,2026-12-25,00:00,00:00,")

    record = ingest_special_days("a,2026-12-24,00:00,00:00,", "a,2026-12-25,,,")

    assert counts(record) == {"read": 2, "new": 2, "removed": 2}
    assert days() == ["a 2026-12-24 00:00:00-00:00:00", "a 2026-12-25 closed"]


def test_it_leaves_days_of_tags_and_the_fleet():
    SpecialDay.objects.create(date=date(2026, 12, 25), made_by="someone")
    tag = Tag.objects.create(name="airport")
    SpecialDay.objects.create(date=date(2026, 12, 25), tag=tag, made_by="someone")

    ingest_special_days("a,2026-12-25,09:00,12:00,")

    assert SpecialDay.objects.count() == 3


def test_it_counts_another_reason_as_a_change():
    ingest_special_days("a,2026-12-25,,,Xmas", "a,2026-12-26,,,Boxing Day", "b,2026-12-25,,,Xmas")
    before = set(SpecialDay.objects.values_list("pk", flat=True))

    record = ingest_special_days(
        "a,2026-12-25,,,Christmas", "a,2026-12-26,,,Boxing Day", "b,2026-12-25,,,"
    )

    assert counts(record) == {"read": 3, "changed": 2, "repeated": 1}
    assert days() == [
        "a 2026-12-25 closed Christmas",
        "a 2026-12-26 closed Boxing Day",
        "b 2026-12-25 closed",
    ]
    assert set(SpecialDay.objects.values_list("pk", flat=True)) == before


def test_it_changes_nothing_when_the_same_rows_come_again():
    rows = ["a,2026-12-25,,,Christmas", "a,2026-12-24,09:00,23:59:59.5,", "b,2026-12-25,,,"]
    ingest_special_days(*rows)
    before = list(SpecialDay.objects.order_by("pk").values()), current_version()

    record = ingest_special_days(*reversed(rows))

    assert counts(record) == {"read": 3, "repeated": 3}
    assert (list(SpecialDay.objects.order_by("pk").values()), current_version()) == before


def test_it_takes_the_last_reason_of_a_row_that_is_twice_in_a_file():
    record = ingest_special_days(
        "a,2026-12-25,,,Xmas", "a,2026-12-25,,,Christmas", "a,2026-12-25,,,Christmas"
    )

    assert counts(record) == {"read": 3, "new": 1, "repeated": 1, "superseded": 1}
    assert days() == ["a 2026-12-25 closed Christmas"]


def test_it_raises_the_version_when_a_reason_alone_changes():
    ingest_special_days("a,2026-12-25,,,Xmas")
    before = current_version()
    ingest_special_days("a,2026-12-25,,,Christmas")
    assert current_version() > before


def test_it_keeps_a_day_whose_rows_are_all_rejected():
    ingest_special_days("a,2026-12-25,,,Christmas")

    record = ingest_special_days("a,2026-12-25,09:00,,", "b,2026-12-25,,,")

    assert counts(record) == {"read": 2, "new": 1, "rejected": 1}
    assert days() == ["a 2026-12-25 closed Christmas", "b 2026-12-25 closed"]
    with record.rejects.open() as rejects:
        assert rejects.read().splitlines()[1] == (
            b"special_days.csv,2,end_time_local,,"
            b'"is empty, but start_time_local is not: give both, or neither for a closed day"'
        )


@pytest.mark.parametrize("group_rows", [1, 2, 1000])
def test_it_does_not_care_about_the_order_of_rows_nor_the_size_of_groups(monkeypatch, group_rows):
    monkeypatch.setattr(spool, "GROUP_ROWS", group_rows)
    monkeypatch.setattr(special_day_loader, "_AT_ONCE", 3)
    ingest_special_days(*(f"{store},2026-12-01,01:00,02:00,old" for store in "ebxadc"))
    rows = [f"{store},2026-12-0{day},09:00,1{day}:00,{day}" for store in "abcde" for day in (1, 2)]
    random.Random(1).shuffle(rows)

    record = ingest_special_days(*rows)

    assert counts(record) == {"read": 10, "new": 10, "removed": 5}
    expected = [
        f"{store} 2026-12-0{day} 09:00:00-1{day}:00:00 {day}" for store in "abcde" for day in (1, 2)
    ]
    assert days() == [*expected, "x 2026-12-01 01:00:00-02:00:00 old"]


def test_it_goes_with_its_store():
    ingest_special_days("a,2026-12-25,,,", "b,2026-12-25,,,")
    Store.objects.get(store_id="a").delete()
    assert days() == ["b 2026-12-25 closed"]


def test_it_can_be_given_by_its_option(tmp_path, capsys):
    write(tmp_path, any=csv(SPECIAL_DAYS, "a,2026-12-25,,,Christmas"))

    call_command("ingest", f"--special_days={tmp_path / 'any.csv'}")

    assert Ingestion.objects.get().feed == "special_days"
    assert days() == ["a 2026-12-25 closed Christmas"]
    assert "special days): rows 1 read, 1 new" in capsys.readouterr().out
