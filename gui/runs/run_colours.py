"""The colours of runs: Okabe and Ito's, which people with any colour vision can tell apart."""

import re
import zlib
from collections.abc import Iterable

from PySide6.QtGui import QColor

from gui.theme import contrast, mixed

RUN_COLOURS = {
    "Blue": "#0072B2",
    "Vermilion": "#D55E00",
    "Green": "#009E73",
    "Purple": "#CC79A7",
    "Orange": "#E69F00",
    "Sky blue": "#56B4E9",
    "Grey": "#808080",
}
_COLOUR = re.compile("#[0-9a-fA-F]{6}")
_LEAST_CONTRAST = 3.0  # of a line or a mark on its ground, as WCAG asks for


def colours_for(chosen: Iterable[tuple[str, str]]) -> list[str]:
    """Return a colour for each run, oldest first, as `#rrggbb`, of its id and the colour chosen.

    Without a choice it follows from the id, so that it stays when others go, unless one of the
    runs just before has that one: then it is the next that none of them has.
    """
    palette, found = [*RUN_COLOURS.values()][:-1], list[str]()  # no run is grey by chance
    for run, colour in chosen:
        if not _COLOUR.fullmatch(colour):
            place = zlib.crc32(run.encode("utf-8", "replace")) % len(palette)
            taken = found[-len(palette) + 1 :]
            colour = next(each for each in palette[place:] + palette if each not in taken)
        found.append(colour)
    return found


def run_colour(colour: str, ground: QColor) -> QColor:
    """Return the colour of a run as it can be seen on a ground: darker or lighter if need be."""
    other = QColor("white") if ground.lightness() < 128 else QColor("black")
    shown = QColor(colour)
    while contrast(shown, ground) < _LEAST_CONTRAST:
        shown = mixed(shown, other, 0.9)
    return shown
