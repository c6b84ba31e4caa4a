"""How the command line prints: words that cannot steer the terminal, objects, tables, progress."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TextIO

from engine.text import words
from engine.text.letters import printable, printable_lines

_REDRAW_SECONDS = 0.1


def say(text: str = "", *, aside: bool = False, flush: bool = False) -> None:
    """Print words on stdout, or `aside` on stderr; what is no letter is shown as a mark.

    Names of runs, blocks and files may be anybody's, and hold the escape sequences of a terminal.
    """
    print(printable_lines(text), file=sys.stderr if aside else sys.stdout, flush=flush)


def print_rows(
    rows: Iterable[Mapping[str, object]], as_json: bool, text: Callable[[], Iterable[str]]
) -> None:
    """Print rows as JSON objects, one a line, for programs, or else the lines of a text."""
    if not as_json:
        say("\n".join(text()))
        return
    for row in rows:
        print_object(row)


def print_object(row: Mapping[str, object]) -> None:
    """Print a JSON object in a line."""
    print(json.dumps(row), flush=True)


class PassingLine:
    """How far something is, in a line that goes away; it is drawn on a terminal alone.

    It is on stderr if no stream is named.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._drawn = time.monotonic()  # what ends at once draws none

    def __enter__(self) -> "PassingLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

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


def accuracy(share: float | None) -> str:
    """Write an accuracy, or a dash where there is none yet."""
    return words.percent(share) if share is not None else "–"
