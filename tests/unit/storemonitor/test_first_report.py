from storemonitor.launch.first_report import ROWS_SHOWN, table

CSV = "store_id,a,b,c,d,e,f\n" + "".join(
    f"s{n},60.00,1.00,2.00,0.00,3.00,{n}.00\n" for n in range(99)
)


def test_it_shows_the_first_stores_under_aligned_headings():
    lines = list(table(CSV))
    assert len(lines) == 3 + ROWS_SHOWN
    assert lines[2].split() == ["store", "min", "h", "h", "min", "h", "h"]
    assert lines[3].split() == ["s0", "60.00", "1.00", "2.00", "0.00", "3.00", "0.00"]
    assert len({len(line) for line in lines}) == 1


def test_it_shows_a_report_without_stores():
    assert len(list(table("store_id,a,b,c,d,e,f\n"))) == 3
