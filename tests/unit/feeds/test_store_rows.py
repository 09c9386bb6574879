import pytest

from tests.unit.feeds.reading import STORES, only_reason, read


@pytest.mark.parametrize(
    ("written", "row"),
    [
        ("7,Maple Street Diner,airport", ("7", "Maple Street Diner", "airport")),
        ("7, Maple Street Diner , airport ", ("7", "Maple Street Diner", "airport")),
        ("7,,", ("7", "", "")),
        ("7,Café 東京 🍜,a", ("7", "Café 東京 🍜", "a")),
        ('7,"Joe\'s, ""Main"" St",a', ("7", 'Joe\'s, "Main" St', "a")),
        ("7,x,west;airport", ("7", "x", "airport;west")),
        ("7,x,west ; airport;west", ("7", "x", "airport;west")),
        ("7,x,west;West", ("7", "x", "West;west")),
        (f"7,{'n' * 200},{'t' * 50}", ("7", "n" * 200, "t" * 50)),
        ("7,x,\u0645\u06cc\u200c\u0631", ("7", "x", "\u0645\u06cc\u200c\u0631")),
    ],
)
def test_it_reads_names_and_tags(written, row):
    assert read(f"{STORES}{written}\n").accepted == [row]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (f"7,{'n' * 201},", "name", "is longer than 200 characters"),
        ("7,a\x07b,", "name", "has characters that cannot be printed"),
        ("7,a\u202eb,", "name", "has characters that cannot be printed"),
        ("7,x,a\tb", "tags", "has characters that cannot be printed"),
        ("7,x,a;;b", "tags", "has a blank tag"),
        ("7,x,a;", "tags", "has a blank tag"),
        ("7,x,;", "tags", "has a blank tag"),
        (f"7,x,a;{'t' * 51}", "tags", "has a tag of more than 50 characters"),
        ("7,x," + ";".join(map(str, range(21))), "tags", "has more than 20 tags"),
        (",x,a", "store_id", "is empty"),
        ("7,x", "", "has 2 fields where the header has 3"),
    ],
)
def test_it_says_what_is_wrong_with_a_row(row, field, reason):
    assert only_reason(STORES, row) == (field, reason)


def test_it_refuses_a_name_that_is_not_utf8():
    everything = read(STORES.encode() + b"7,caf\xe9,\n8,fine,\n")
    assert everything.accepted == [("8", "fine", "")]
    [(line, field, _, reason)] = everything.reasons
    assert (line, field, reason) == (2, "name", "is not UTF-8 text")


def test_it_reads_tags_from_a_file_whose_fields_are_apart_by_semicolons():
    text = 'store_id;name;tags\n7;Mill;"b;a"\n8;Pier;c\n9;Inn;\n'
    assert read(text).accepted == [("7", "Mill", "a;b"), ("8", "Pier", "c"), ("9", "Inn", "")]
