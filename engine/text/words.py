"""How numbers, durations, shapes and tables are written in lines of text."""

import math
from collections.abc import Sequence

from engine.array_types import Shape, format_shape

_NEARLY_ALL = 99.99  # %


def percent(share: float) -> str:
    """Write an accuracy: `99.52 %`; only all of it is `100 %`."""
    if not math.isfinite(share):
        return "not finite"
    return "100 %" if share >= 1 else f"{min(100 * share, _NEARLY_ALL):.2f} %"


def joined(words: Sequence[str]) -> str:
    """List words in a sentence: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def duration(seconds: float) -> str:
    """Write a duration: `0:09`, `12:05`, `1:00:00`."""
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"


def time_taken(seconds: float) -> str:
    """Write how long something took, in tenths where it was short: `0.4 s`, `0:12`, `12:05`."""
    return f"{seconds:.1f} s" if seconds < 9.95 else duration(seconds)


def rate(samples: float) -> str:
    """Write the samples of a second of training: `5,580 samples/s`, `0.4 samples/s`."""
    return f"{samples:{',.0f' if samples >= 9.5 else '.2g'}} samples/s"


def count(number: float, noun: str, plural: str = "") -> str:
    """Write a number with its noun: `1 epoch`, `2,000 epochs`, `0.25 epochs`, `3 classes`."""
    return f"{plain(number)} {noun if number == 1 else plural or noun + 's'}"


def plain(number: float) -> str:
    """Write a number with three decimals at most: `2,000`, `2.333`."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.3f}".rstrip("0").rstrip(".")


def shape(sizes: Shape | None) -> str:
    """Write a shape, or a dash where it is not known."""
    return "–" if sizes is None else format_shape(sizes)


def table(rows: Sequence[Sequence[str]], alignment: str) -> list[str]:
    """Lay out rows in columns: `<` and `>` say how each column is aligned.

    A row is one line, also where a cell has several.
    """
    rows = [[" ".join(cell.splitlines()) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(alignment))]
    lines = (
        "  ".join(
            f"{cell:{side}{width}}"
            for cell, side, width in zip(row, alignment, widths, strict=True)
        )
        for row in rows
    )
    return [line.rstrip() for line in lines]
