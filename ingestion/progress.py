"""A progress bar for a terminal; silent elsewhere."""

from types import TracebackType
from typing import Self, TextIO

from ingestion.services import Progress

_WIDTH = 30


class ProgressBar:
    """One line, redrawn in place and cleared at the end."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._drawn = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._draw("")

    def show(self, progress: Progress) -> None:
        """Redraw for this progress, if anything changed."""
        if not self._stream.isatty():
            return
        if progress.total:
            share = min(progress.done / progress.total, 1)
            bar = "#" * round(share * _WIDTH)
            text = f"{self._name}: {progress.phase} [{bar:<{_WIDTH}}] {share:4.0%}"
        else:
            text = f"{self._name}: {progress.phase} {progress.done:,} bytes"
        if text != self._drawn:
            self._draw(text)

    def _draw(self, text: str) -> None:
        if self._drawn or text:
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
        self._drawn = text
