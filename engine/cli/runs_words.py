"""What the commands on runs share: the argument RUN, and how runs are written."""

import argparse
import shutil
import sys
from collections.abc import Sequence

from engine.text import words

HOW = "its id or the beginning of it, its name, its number as in 'Run 7', or the path of its folder"

_USUAL = 80  # columns, where nobody knows better
_NARROWEST = 40  # columns: in fewer, lines are broken by the terminal
_SHORTEST = 12  # letters of a text that is cut


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the argument RUN."""
    parser.add_argument("run_word", metavar="RUN", help=HOW)


def width() -> int:
    """Return how many columns a line may have."""
    least = _NARROWEST if is_read_by_people() else _USUAL
    return max(least, shutil.get_terminal_size((_USUAL, 24)).columns)


def cut(text: str, most: int) -> str:
    """Return at most so many letters of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def is_read_by_people() -> bool:
    """Return whether what is printed goes to a terminal, and not to another program or a file."""
    return sys.stdout.isatty()


def fitting_table(
    rows: Sequence[Sequence[str]], alignment: str, column: int, shortest: int = _SHORTEST
) -> list[str]:
    """Lay out rows in columns, with the texts of one cut where a terminal has no room for them.

    No text becomes shorter than `shortest` by that.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    lines = words.table(cells, alignment)
    excess = max(map(len, lines)) - width()
    if excess <= 0 or not is_read_by_people():
        return lines
    most = max(shortest, max(len(row[column]) for row in cells) - excess)
    for row in cells:
        row[column] = cut(row[column], most)
    return words.table(cells, alignment)


def accuracy(share: float | None) -> str:
    """Write an accuracy, or a dash where there is none yet."""
    return words.percent(share) if share is not None else "–"
