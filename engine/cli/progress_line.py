"""A line on the terminal that says how far something is, and goes away."""

import sys
import time
from typing import TextIO

from engine.text.letters import printable

_REDRAW_SECONDS = 0.1


class PassingLine:
    """The line, on stderr if no stream is named; where that is no terminal, nothing is written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._drawn = time.monotonic()  # what ends at once draws none

    def show(self, text: str) -> None:
        """Draw the line anew, now and then."""
        now = time.monotonic()
        if self._live and now - self._drawn >= _REDRAW_SECONDS:
            self._drawn = now
            print(f"\r\x1b[K{printable(text)}", end="", file=self._stream, flush=True)

    def show_reading(self, done: int, total: int) -> None:
        """Say how far the reading of data is."""
        self.show(f"reading: {done / total:.0%}" if total else "looking for files")

    def clear(self) -> None:
        """Take the line away."""
        if self._live:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
