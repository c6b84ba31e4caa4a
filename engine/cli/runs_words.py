"""What the commands on runs share: the argument RUN, and how runs are written."""

import argparse
import shutil
from collections.abc import Sequence

from engine.text import words

HOW = "its id or the beginning of it, its name, or the path of a run folder"

_NARROW = 80  # columns, where nobody knows better
_SHORTEST = 12  # letters of a text that is cut


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the argument RUN."""
    parser.add_argument("run_word", metavar="RUN", help=HOW)


def width() -> int:
    """Return how many columns a line may have."""
    return max(_NARROW, shutil.get_terminal_size((_NARROW, 24)).columns)


def cut(text: str, most: int) -> str:
    """Return a text in one line of at most so many letters."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def fitting_table(rows: Sequence[Sequence[str]], alignment: str, column: int) -> list[str]:
    """Lay out rows in columns, with the texts of one column cut where the lines are too wide."""
    excess = max(map(len, words.table(rows, alignment))) - width()
    widest = max(len(row[column]) for row in rows)
    most = max(_SHORTEST, widest - max(0, excess))
    cells = [
        [cut(cell, most) if i == column else cell for i, cell in enumerate(row)] for row in rows
    ]
    return words.table(cells, alignment)


def accuracy(share: float | None) -> str:
    """Write an accuracy, or a dash where there is none yet."""
    return words.percent(share) if share is not None else "–"
