"""``./run report DIR --poller-outages FILE`` and ``--in-poller-outages unknown``."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.offline import command as offline

BEGIN = datetime(2024, 1, 10, tzinfo=UTC)
OPTIONS = ("--as-of", "2024-01-12T00:00:00Z", "--windows", "24h", "--columns", "full")


def polls(numbers, *, silent):
    """Hourly polls of two days, none in the hours of the second day that are silent."""
    return "".join(
        f"s{n},active,{BEGIN + timedelta(hours=hour, minutes=n):%Y-%m-%d %H:%M:%S.5} UTC\n"
        for n in numbers
        for hour in range(48)
        if hour - 24 not in silent
    )


@pytest.fixture
def folder(tmp_path):
    rows = polls(range(8), silent=range(8, 12)) + polls(range(8, 16), silent=range(8, 14))
    (tmp_path / "polls.csv").write_text("store_id,status,timestamp_utc\n" + rows)
    (tmp_path / "zones.csv").write_text("store_id,timezone_str\ns1,Asia/Tokyo\n")
    tags = "".join(f"s{n},,{'x;late' if n > 8 else 'late'}\n" for n in range(8, 16))
    (tmp_path / "stores.csv").write_text(f"store_id,name,tags\n{tags}s0,,late\ns0,,\n")
    return tmp_path


def run(capfdbinary, *arguments):
    code = offline.main([str(argument) for argument in arguments])
    out, err = capfdbinary.readouterr()
    return code, out.decode(), err.decode()


def test_it_writes_the_outages(folder, capfdbinary):
    target = folder.parent / "outages.csv"
    code, out, err = run(capfdbinary, folder, "--poller-outages", target, *OPTIONS)

    assert (code, err) == (0, "")
    assert out == run(capfdbinary, folder, *OPTIONS)[1]
    assert target.read_text() == (
        "from,to,scope,stores\n"
        "2024-01-11 07:15:00.5 UTC,2024-01-11 12:00:00.5 UTC,fleet,16\n"
        "2024-01-11 12:00:00.5 UTC,2024-01-11 14:08:00.5 UTC,tag:late,8\n"
        "2024-01-11 12:00:00.5 UTC,2024-01-11 14:09:00.5 UTC,tag:x,7\n"
    )


def test_one_that_nothing_has_ended_has_no_end(folder, capfdbinary):
    target = folder.parent / "outages.csv"
    run(capfdbinary, folder, "--poller-outages", target, "--as-of", "2024-01-12T06:00:00Z")

    assert target.read_text().splitlines()[-1] == "2024-01-11 23:15:00.5 UTC,,fleet,16"


def test_their_time_is_unknown_on_request(folder, capfdbinary):
    _, out, _ = run(capfdbinary, folder, "--in-poller-outages", "unknown", *OPTIONS)

    header, *lines = [line.split(",") for line in out.splitlines()]
    rows = {line[0]: dict(zip(header, line, strict=True)) for line in lines}
    # From 07:15 to 12:00 for all, to 14:08 for the late, to 14:09 for those of x.
    assert rows["s1"]["unknown_last_day(in hours)"] == "4.75"
    assert rows["s1"]["uptime_last_day(in hours)"] == "19.25"
    assert rows["s8"]["unknown_last_day(in hours)"] == "6.88"
    assert rows["s8"]["uptime_last_day(in hours)"] == "17.12"
    assert rows["s10"]["unknown_last_day(in hours)"] == "6.90"


def test_nothing_changes_in_time_that_is_filled(folder, capfdbinary):
    filled = run(capfdbinary, folder, "--in-poller-outages", "fill", *OPTIONS)
    assert filled == run(capfdbinary, folder, *OPTIONS)


def test_it_says_which_file_cannot_be_written(folder, capfdbinary):
    target = folder / "none" / "outages.csv"
    code, out, err = run(capfdbinary, folder, "--poller-outages", target, *OPTIONS)

    assert (code, out) == (1, "")
    assert err == f"{target} cannot be written: No such file or directory\n"


def test_an_explanation_names_them_and_adds_up_to_the_report(folder, capfdbinary):
    unknown = (*OPTIONS, "--in-poller-outages", "unknown")
    code, out, _ = run(capfdbinary, folder, *unknown, "--explain", "s0", "--window", "24h")
    assert code == 0
    assert "unknown 4:45:00, nobody was polled, rule 19" in out
    code, out, err = run(capfdbinary, folder, *unknown, "--check-explanations")
    assert (code, err) == (0, "")
    assert "16 stores" in out
