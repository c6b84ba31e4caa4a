"""A line on the terminal that says how far something is, and goes away."""

import sys
import time

_REDRAW_SECONDS = 0.1


class PassingLine:
    """The line; where stderr is no terminal, nothing is written."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._drawn = 0.0

    def show(self, text: str) -> None:
        """Draw the line anew, now and then."""
        now = time.monotonic()
        if self._live and now - self._drawn >= _REDRAW_SECONDS:
            self._drawn = now
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def show_reading(self, done: int, total: int) -> None:
        """Say how far the reading of data is."""
        self.show(f"reading: {done / total:.0%}" if total else "looking for files")

    def clear(self) -> None:
        """Take the line away."""
        if self._live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
