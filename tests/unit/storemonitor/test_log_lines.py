"""Text from outside can neither begin a log line nor control a terminal."""

import logging

import pytest

from storemonitor.configuration.log_lines import OneLine, escaped


def line(message, *args, **values):
    values = {"exc_info": None, **values}
    record = logging.LogRecord("a", logging.INFO, "p", 1, message, args, **values)
    return OneLine("{name} {message}", style="{").format(record)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("a\n2026-01-01 INFO root forged", r"a\n2026-01-01 INFO root forged"),
        ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
        ("\r\x85\u2028\x9b", r"\r\x85\u2028\x9b"),
        ("abc\u202etxt.exe", r"abc\u202etxt.exe"),
        ("\ud800", r"\ud800"),
    ],
)
def test_it_writes_what_does_not_print_as_python_does(sent, seen):
    assert line("a file %s came", sent) == f"a a file {seen} came"


def test_it_leaves_what_prints_as_it_is():
    assert escaped("Käse 店 100 % \\n") == "Käse 店 100 % \\n"


def test_it_indents_every_line_of_a_traceback():
    error = ValueError("x\n2026-01-01 INFO root forged\x1b[2J")
    text = line("failed", exc_info=(ValueError, error, None))
    first, *below = text.split("\n")
    assert first == "a failed"
    assert below[0] == "    ValueError: x"
    assert all(each.startswith("    ") for each in below)
    assert "\x1b" not in text
