"""The colours of runs as they are seen, in either theme and in shades."""

import zlib

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from engine.runs.run_folder import Run
from gui.theme import Colours, draw_round, readable
from gui.widgets.curve import shaded

RUN_COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"),  # Okabe and Ito's
    *("#332288", "#999933"),  # two of Paul Tol's that are none of these
)
SWATCH = 14  # px


def colour_of(run: Run) -> str:
    """Return the colour of a run as `#rrggbb`, which stays with it.

    That follows from what never changes, whichever other runs there are: from the number, so that
    eight runs in a row have eight; from the id of a run of another program, which has none.
    """
    number = run.description.number or zlib.crc32(run.id.encode("utf-8", "replace"))
    return RUN_COLOURS[(number - 1) % len(RUN_COLOURS)]


def run_colour(colour: str, colours: Colours, shade: float = 0) -> QColor:
    """Return the colour of a run as it is seen in a theme, wherever: darker or lighter if need be.

    Runs of one colour, where they are compared, have different shades.
    """
    ground = QColor(colours.window)  # less apart from most colours than that of a list
    return shaded(readable(QColor(colour), ground), colours, shade)


def swatch(colour: QColor) -> QIcon:
    """Return a dot of a colour."""
    pixmap = QPixmap(SWATCH, SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_round(painter, pixmap.rect().adjusted(1, 1, -1, -1), SWATCH / 2 - 1, colour)
    painter.end()
    return QIcon(pixmap)
