"""What differs between two stamps is said in sentences, each difference once."""

import copy
from dataclasses import replace

import pytest

from reports.stamp import comparing
from reports.stamp.comparing import differences
from reports.stamp.stamps import finished, stamped, whole
from reports.stamp.words import described
from tests.unit.reports.stamp.fleets import AS_OF, HOURS, POLLS, QUESTION, ZONES, fleet
from uptime import HOUR, MINUTE, parse_windows
from uptime.rules import RULES, RULES_VERSION
from uptime.windows.elapsed import DAY


def stamp_of(of=None, question=QUESTION, **more):
    return stamped(of or fleet(), question, **{"poller_outages": "fill", **more})


THEN = stamp_of()


def edited(*path, to):
    stamp = copy.deepcopy(THEN)
    place = stamp
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return stamp


CORE = "The core's code is another"
FULL = replace(QUESTION, full=True)
CHANGES = {
    "nothing": (THEN, []),
    "core": (
        edited("core_sha256", to="0"),
        [f"{CORE}, by the same version of the rules, so numbers should not differ by it."],
    ),
    "tzdata": (
        edited("tzdata", to="1999a"),
        [f"The time zone data: tzdata 1999a then, {THEN['tzdata']} now."],
    ),
    "look-back": (
        stamp_of(question=replace(QUESTION, look_back=36 * HOUR)),
        ["The look-back (UPTIME_LOOK_BACK_HOURS): 36 h then, 24 h now."],
    ),
    "max_gap": (
        edited("policy", "max_gap_us", to=90 * MINUTE),
        ["The policy (max_gap_us): 90 min then, none now."],
    ),
    "a policy that was not there": (
        edited("policy", "strikes", to="left out"),
        ["The policy (strikes): left out then, none now."],
    ),
    "polls": (
        stamp_of(fleet(polls=[*POLLS, ("never", AS_OF - 8 * DAY, True), ("a", AS_OF - 1, True)])),
        ["Data: the polls, 7 rows then, 5 now; they differ on 2024-09-26, 2024-10-04 (UTC)."],
    ),
    "as many polls": (
        stamp_of(fleet(polls=[("a", AS_OF, False), *POLLS[:2], *POLLS[3:]])),
        ["Data: the polls are not the same, 5 rows then and now; they differ on 2024-10-04 (UTC)."],
    ),
    "hours": (
        stamp_of(fleet(hours=HOURS[1:])),
        ["Data: the business hours, 2 rows then, 3 now."],
    ),
    "zones": (
        stamp_of(fleet(zones={**ZONES, "a": None})),
        ["Data: the stores and their time zones are not the same, 4 rows then and now."],
    ),
    "silences": (
        stamp_of(fleet(silences=[])),
        ["Data: the silences of the poller, 0 rows then, 2 now."],
    ),
    "a kind that is no longer read": (
        edited("data", "short_strikes", to={"rows": 3, "digest": "1" * 16}),
        ["Data: the short strikes, 3 rows then, 0 now."],
    ),
    "a kind without rows": (edited("data", "strikes", to={"rows": 0, "digest": "0" * 16}), []),
    "the method": (
        edited("data", "method", to=0),
        ["The data cannot be compared: their fingerprint was made in another way then."],
    ),
}


@pytest.mark.parametrize(("then", "said"), CHANGES.values(), ids=CHANGES)
def test_each_difference_is_said(then, said):
    assert differences(then, THEN) == said


def test_a_change_of_the_rules_is_said_in_its_words(monkeypatch):
    monkeypatch.setitem(RULES, RULES_VERSION + 1, "Excluded time leaves both sides.")
    now = edited("rules", to=RULES_VERSION + 1)
    now["core_sha256"] = "0"
    assert differences(THEN, now) == [
        (
            f"The rules: version {RULES_VERSION} then, {RULES_VERSION + 1} now."
            " Excluded time leaves both sides."
        ),
        f"{CORE}.",
    ]
    [back, _] = differences(now, THEN)
    assert back == f"The rules: version {RULES_VERSION + 1} then, {RULES_VERSION} now."


def test_polls_read_with_another_look_back_are_said_to_be():
    asked = replace(QUESTION, look_back=0)
    [_, polls] = differences(stamp_of(question=asked), THEN)
    assert polls == (
        "Data: the polls, 3 rows then, 5 now; they differ on 2024-09-26 (UTC), read with another"
        " look-back."
    )


def test_only_some_of_many_days_are_named(monkeypatch):
    monkeypatch.setattr(comparing, "_DAYS_NAMED", 1)
    asked = replace(QUESTION, windows=parse_windows(["60d"]))
    polls = [("a", AS_OF - day * DAY, True) for day in (0, 5, 60)]
    [said] = differences(stamp_of(question=asked), stamp_of(fleet(polls=polls), asked))
    assert "they differ on 2024-09-26 and " in said
    assert said.endswith(" days more (UTC).")


def test_what_only_full_columns_depend_on_is_no_difference_for_others():
    fresh = {"fresh": 2 * HOUR}
    assert differences(stamp_of(question=replace(QUESTION, **fresh)), THEN) == []
    [said] = differences(stamp_of(question=replace(FULL, **fresh)), stamp_of(question=FULL))
    assert said.endswith("(UPTIME_FRESH_MINUTES): 2 h then, 1 h now.")


def test_parts_by_different_versions_or_without_a_stamp_have_none_together():
    assert whole([THEN, THEN])["policy"] == THEN["policy"]
    assert whole([THEN, edited("core_sha256", to="0")]) is None
    assert whole([THEN, None]) is None
    assert finished(None, row_count=1, sha256="0") is None


def test_it_is_described_in_words():
    said = dict(described(stamp_of(question=replace(FULL, max_gap=3 * HOUR))))
    assert said["Between two polls"] == "as at the nearest poll, unknown if farther than 3 h"
    assert said["Measured, not filled"] == "up to 1 h from a poll"
    assert said["Data"].startswith(
        "4 stores and their time zones, 3 business hours, 2 special days, 2 excluded times,"
        " 5 polls, 2 silences of the poller; SHA"
    )
    assert "Measured, not filled" not in dict(described(THEN))
    later = edited("data", "short_strikes", to={"rows": 3, "digest": "1" * 16})
    assert ", 3 short strikes; SHA" in dict(described(later))["Data"]
