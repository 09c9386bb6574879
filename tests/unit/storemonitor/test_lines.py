"""Lines to services that hang: nobody waits for longer than they chose, and nothing piles up."""

import time
from threading import Event

from storemonitor.operations.lines import Line, answered


def test_it_gives_up_what_hangs_and_never_asks_what_waits_behind_it():
    line, other, go_on, asked = Line("hangs"), Line("other"), Event(), []
    started = time.monotonic()
    questions = {
        "hangs": line.ask(lambda: go_on.wait(60)),
        "behind": line.ask(lambda: asked.append("behind")),
        "well": other.ask(lambda: "well"),
    }
    heard = answered(questions, seconds=0.05)
    assert time.monotonic() - started < 30
    assert [(name, future.result()) for name, future in heard.items()] == [("well", "well")]
    go_on.set()
    assert line.ask(lambda: "again").result(30) == "again"
    assert asked == []


def test_it_hands_on_an_error():
    def fail():
        raise ValueError("no")

    heard = answered({"fails": Line("fails").ask(fail)}, seconds=30)
    assert str(heard["fails"].exception()) == "no"
