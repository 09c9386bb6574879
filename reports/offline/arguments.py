"""The types of arguments on a command line; argparse prints what they raise."""

import argparse
import re
from datetime import UTC, datetime

from uptime import WindowSpec, parse_length, parse_windows
from uptime.targets.target import parse_percentage
from uptime.windows.texts import parse_window


def percentage(text: str) -> int:
    """Return the hundredths of a percentage."""
    try:
        return parse_percentage(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def hours(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of hours, 0 to 999999")
    return int(text)


def windows(text: str) -> tuple[WindowSpec, ...]:
    try:
        return parse_windows(text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def window(text: str) -> WindowSpec:
    try:
        return parse_window(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def length(text: str) -> int:
    try:
        return parse_length(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def instant(text: str) -> datetime:
    """Return the aware instant in ISO 8601; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an instant such as 2024-01-31T12:00:00Z"
        ) from error
    # The years that the API takes too.
    if not 1970 <= moment.year < 2200:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1970 and 2199")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
