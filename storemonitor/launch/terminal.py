"""Terminal output of ``./run``."""

import sys


def say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def redraw(text: str) -> None:
    """Overwrite the last line of a terminal; in a pipe, write a line."""
    in_place = sys.stdout.isatty()
    sys.stdout.write(f"\r\x1b[K{text}" if in_place else f"{text.rstrip()}\n")
    sys.stdout.flush()
