"""Names and tags: those of a store's last row, and no others."""

import pytest
from django.core.management import call_command

from fleet.models import Store, Tag
from ingestion.models import Ingestion
from ingestion.storing import spool
from tests.database.files import STORES, counts, csv, ingest_polls, ingest_stores, write

pytestmark = pytest.mark.django_db(transaction=True)


def called():
    stores = Store.objects.prefetch_related("tags")
    return {
        store.store_id: (store.name, [tag.name for tag in store.tags.all()]) for store in stores
    }


def test_it_names_new_and_known_stores():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "c,active,2024-01-15 09:00:00 UTC")

    record = ingest_stores("b,Harbour Grill,", "a,Maple Street Diner,west;airport")

    assert counts(record) == {"read": 2, "new": 2}
    assert called() == {
        "a": ("Maple Street Diner", ["airport", "west"]),
        "b": ("Harbour Grill", []),
        "c": ("", []),
    }
    assert Store.objects.get(store_id="a").last_status == 1


def test_it_replaces_name_and_tags_of_the_stores_in_the_file_only():
    ingest_stores("a,Old,x;y", "b,Stays,x")

    record = ingest_stores("a,New,y;z")

    assert counts(record) == {"read": 1, "changed": 1}
    assert called() == {"a": ("New", ["y", "z"]), "b": ("Stays", ["x"])}


def test_it_takes_name_and_tags_away_where_a_row_has_none():
    ingest_stores("a,Old,x", "b,,x", "c,Old,")

    record = ingest_stores("a,,", "b,,", "c,Old,")

    assert counts(record) == {"read": 3, "changed": 2, "repeated": 1}
    assert called() == {"a": ("", []), "b": ("", []), "c": ("Old", [])}


@pytest.mark.parametrize("row", ["a,Mill,x;y", "a,,x", "a,Mill,", "a,,"])
def test_it_changes_nothing_when_the_same_file_comes_again(row):
    assert counts(ingest_stores(row)) == {"read": 1, "new": 1}
    before = called(), list(Store.tags.through.objects.order_by("id").values())

    assert counts(ingest_stores(row)) == {"read": 1, "repeated": 1}

    assert (called(), list(Store.tags.through.objects.order_by("id").values())) == before


def test_it_takes_tags_in_another_order_for_the_same():
    ingest_stores("a,Mill,x;y")
    assert counts(ingest_stores("a,Mill,y; x;y")) == {"read": 1, "repeated": 1}


@pytest.mark.parametrize("group_rows", [1, 2, 1000])
def test_it_lets_the_last_row_of_a_file_win(monkeypatch, group_rows):
    monkeypatch.setattr(spool, "GROUP_ROWS", group_rows)
    ingest_stores("b,Mill,x")

    record = ingest_stores(
        "a,One,x", "b,Pier,x", "a,Two,x", "b,Mill,x", "a,Two,x", "a,Two,y", "c,Inn,", "a,Two,x"
    )

    assert counts(record) == {"read": 8, "new": 2, "repeated": 3, "superseded": 3}
    assert called() == {"a": ("Two", ["x"]), "b": ("Mill", ["x"]), "c": ("Inn", [])}


def test_it_keeps_what_a_store_is_called_when_its_row_is_rejected():
    ingest_stores("a,Mill,x")

    record = ingest_stores("a,Pier,x;;y", "b,Inn,")

    assert counts(record) == {"read": 2, "new": 1, "rejected": 1}
    assert called() == {"a": ("Mill", ["x"]), "b": ("Inn", [])}
    with record.rejects.open() as rejects:
        assert rejects.read().splitlines()[1] == b"stores.csv,2,tags,x;;y,has a blank tag"


def test_it_makes_each_tag_once():
    ingest_stores("a,,x;y", "b,,y;z")
    ingest_stores("c,,z;x")
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["x", "y", "z"]


def test_it_can_be_given_by_its_option(tmp_path, capsys):
    write(tmp_path, any=csv(STORES, "a,Mill,x"))

    call_command("ingest", f"--stores={tmp_path / 'any.csv'}")

    assert Ingestion.objects.get().feed == "stores"
    assert called() == {"a": ("Mill", ["x"])}
    assert "names and tags of stores" in capsys.readouterr().out
