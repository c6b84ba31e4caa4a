"""Labels beside the ends of curves, in place of a legend."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.theme import GRID, Colours

TICK = 10  # px from the end of a line to its label
_THICK = 2  # px


def label_room(labels: Sequence[str], metrics: QFontMetricsF) -> float:
    """Return the px that labels need beside a plot."""
    widest = max((metrics.horizontalAdvance(label) for label in labels), default=0.0)
    return widest + TICK + GRID if widest else 0.0


def paint_labels(
    painter: QPainter,
    plot: QRectF,
    ends: Sequence[tuple[float, QColor, str]],
    colours: Colours,
) -> None:
    """Write each text to the right of a plot, joined with the end of its line at a height y."""
    height = QFontMetricsF(painter.font()).height()
    ends = sorted(ends, key=lambda end: end[0])
    places = moved_apart([y for y, _, _ in ends], height, plot.top(), plot.bottom())
    for (y, colour, text), place in zip(ends, places, strict=True):
        painter.setPen(QPen(colour, _THICK))
        painter.drawLine(QPointF(plot.right(), y), QPointF(plot.right() + TICK, place))
        painter.setPen(QColor(colours.text))
        box = QRectF(plot.right() + TICK + GRID / 4, place - height / 2, plot.width(), height)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def moved_apart(places: Sequence[float], gap: float, first: float, last: float) -> list[float]:
    """Move ascending places until they lie `gap` apart, between two ends if there is room."""
    moved: list[float] = []
    for place in places:
        least = moved[-1] + gap if moved else first + gap / 2
        moved.append(max(place, least))
    limit = last - gap / 2
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], max(limit, first + gap / 2 + i * gap))
        limit = moved[i] - gap
    return moved
