"""Arcs from a block to a later one that adds its output: which there are, and how they look."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from engine.blocks import Add, SkipBlock
from engine.model.stack import Row
from gui.theme import kind_colour, readable

LANE = 6.0  # px from one lane to the next
_BEND, _HEAD = 4.0, 4.0  # px of a corner; of an arrowhead, along and to each side of its middle
_THIN, _THICK = 1.5, 3.0  # px


@dataclass(frozen=True)
class Arc:
    """From the row of a source to that of the block that adds its output, from 0.

    Arcs that pass the same rows have lanes of their own, from 0, the shorter one the nearer.
    """

    source: int
    target: int
    lane: int


def arcs_of(rows: Sequence[Row]) -> list[Arc]:
    """List the arcs of a stack, short ones first."""
    places = {row.slot.id: place for place, row in enumerate(rows)}
    spans = [
        (places[block.source], place)
        for place, block in enumerate(row.slot.block for row in rows)
        if isinstance(block, SkipBlock) and places.get(block.source, place) < place
    ]
    found: list[Arc] = []
    for source, target in sorted(spans, key=lambda span: span[1] - span[0]):
        taken = {arc.lane for arc in found if arc.source < target and source < arc.target}
        lane = next(lane for lane in itertools.count() if lane not in taken)
        found.append(Arc(source, target, lane))
    return found


def lanes_of(arcs: Sequence[Arc]) -> int:
    """Count the lanes that arcs need."""
    return max((arc.lane + 1 for arc in arcs), default=0)


def paint_arc(
    painter: QPainter, way: Sequence[Sequence[QPointF]], ground: QColor, *, strong: bool
) -> None:
    """Paint an arc in one or more parts, with an arrowhead at its end; strong if it is meant."""
    ink = readable(kind_colour(Add.group), ground)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, _THICK if strong else _THIN))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for first, *points in way:
        path = QPainterPath(first)
        for corner, after in itertools.pairwise(points):
            path.lineTo(_towards(corner, path.currentPosition(), _BEND))
            path.quadTo(corner, _towards(corner, after, _BEND))
        path.lineTo(points[-1])
        painter.drawPath(path)
    before, end = way[-1][-2:]
    behind = _towards(end, before, _HEAD)
    aside = QPointF(-(behind - end).y(), (behind - end).x())
    painter.setBrush(ink)
    painter.drawPolygon(QPolygonF([end, behind + aside * 0.7, behind - aside * 0.7]))


def _towards(point: QPointF, other: QPointF, px: float) -> QPointF:
    """Return the point so many px from one on the way to another, or half of that way."""
    way = QLineF(point, other)
    return way.pointAt(min(px / max(px, way.length()), 0.5))
