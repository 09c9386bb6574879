"""Which window is explained, and of which report."""

from collections.abc import Sequence

from uptime.windows.bounds import AnyWindow
from uptime.windows.texts import WindowSpec


def windows_and_place(
    usual: Sequence[WindowSpec], given: Sequence[WindowSpec] | None, wanted: WindowSpec | None
) -> tuple[Sequence[AnyWindow], int]:
    """Return the windows of the report, and the place of the one to explain.

    ``given``: the report's windows, None for the ``usual`` ones. ``wanted``: by default the last of
    them. One that is not among the usual ones is explained as in a report over it alone. Raises
    ``ValueError``, with a sentence for people, for one that is not among those given.
    """
    windows = given or usual
    if wanted is None:
        return windows, len(windows) - 1
    if wanted in windows:
        return windows, list(windows).index(wanted)
    if given:
        listed = ", ".join(window.text for window in given)
        raise ValueError(f"Window {wanted.text} is not one of the report's: {listed}.")
    return (wanted,), 0
