"""What ``./run`` says to whoever typed it."""

import sys


def say(*lines: str) -> None:
    """Write lines to standard output."""
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def redraw(text: str) -> None:
    """Write over the last line of a terminal; in a pipe, write a line."""
    in_place = sys.stdout.isatty()
    sys.stdout.write(f"\r\x1b[K{text}" if in_place else f"{text.rstrip()}\n")
    sys.stdout.flush()
