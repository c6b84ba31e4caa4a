"""Where the parts of the drawing of a stack are: pictures to scale, their labels and arrows."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from engine.array_types import Shape, format_shape, is_vector
from engine.model.stack import Row, ShapeReport
from gui.widgets.problem_label import CROSS

LEGEND = "Maps to one scale · length of vectors by the root of their size"
MOST_TILES = 24  # more are not told apart; the label says how many there are

_SIDE = 72.0  # px of the longest side of a map
_BAR = 96.0  # px of the longest vector
_BAR_WIDTH = 10.0
_SMALLEST = 3.0
_FAN, _FAN_STEP = 34.0, 5.0  # px that the tiles of one block spread over, and from each to the next
_BAND = _SIDE + _FAN  # height of the pictures
_ARROW = 26.0
_PAD = 6.0
_MARGIN = 10.0
_LONGEST_LABEL = 112.0
_UNKNOWN_SIDE = 40.0

Measure = Callable[[str], float]


@dataclass(frozen=True)
class DrawnStage:
    """One block, or the input (without a row), and the values that it gives.

    `tiles` are its maps from back to front, or the one bar of a vector; without a known shape,
    one placeholder. `area` is what a click on it hits.
    """

    row: Row | None
    area: QRectF
    label: QRectF
    text: str
    tiles: tuple[QRectF, ...]
    shape: QRectF
    shape_text: str
    arrow: tuple[QPointF, QPointF] | None


@dataclass(frozen=True)
class DrawingLayout:
    """All stages from left to right, and the size of the whole."""

    stages: tuple[DrawnStage, ...]
    width: float
    height: float
    legend: QRectF

    def stage_at(self, point: QPointF) -> DrawnStage | None:
        """Find what a click hits."""
        return next((stage for stage in self.stages if stage.area.contains(point)), None)


@dataclass(frozen=True)
class _Zoom:
    """Pixels per pixel of a map, and pixels per square root of the length of a vector."""

    side: float
    bar: float


def lay_out(
    report: ShapeReport, input_shape: Shape, measure: Measure, line: float
) -> DrawingLayout:
    """Place the stages; `measure` gives the width of a text, `line` the height of its line."""
    rows: list[Row | None] = [None, *report.rows]
    shapes = [input_shape, *(row.output_shape for row in report.rows)]
    scale = _scale([shape for shape in shapes if shape is not None])
    x, stages = _MARGIN, []
    tip: QPointF | None = None
    for row, shape in zip(rows, shapes, strict=True):
        stage = _stage(row, shape, x, tip, scale, measure, line)
        stages.append(stage)
        x = stage.area.right()
        bounds = _bounds(stage.tiles)
        tip = QPointF(bounds.right() + _PAD / 2, bounds.center().y())
    top = _MARGIN + 2 * line + _BAND + 2 * _PAD
    legend = QRectF(_MARGIN + _PAD, top + _PAD, measure(LEGEND), line)
    width = max(x, legend.right() + _PAD) + _MARGIN
    return DrawingLayout(tuple(stages), width, legend.bottom() + _MARGIN / 2, legend)


def _stage(
    row: Row | None,
    shape: Shape | None,
    x: float,
    before: QPointF | None,
    scale: _Zoom,
    measure: Measure,
    line: float,
) -> DrawnStage:
    text = "Input" if row is None else row.slot.label
    if row is not None and row.problem is not None:
        text = f"{CROSS} {text}"
    shape_text = "?" if shape is None else format_shape(shape)
    tiles = _tiles(shape, scale)
    wide = max(_bounds(tiles).width(), measure(shape_text), min(measure(text), _LONGEST_LABEL))
    lead = 0.0 if before is None else _ARROW
    area = QRectF(x, _MARGIN, lead + wide + 2 * _PAD, 2 * line + _BAND + 2 * _PAD)
    centre = QPointF(x + lead + _PAD + wide / 2, _MARGIN + _PAD + line + _BAND / 2)
    bounds = _bounds(tiles)
    placed = tuple(tile.translated(centre - bounds.center()) for tile in tiles)
    bounds = _bounds(placed)
    arrow = None
    if before is not None:
        arrow = (before, QPointF(bounds.left() - _PAD / 2, bounds.center().y()))
    return DrawnStage(
        row,
        area,
        QRectF(x + lead, area.y() + _PAD / 2, wide + 2 * _PAD, line),
        text,
        placed,
        QRectF(x + lead, area.bottom() - _PAD / 2 - line, wide + 2 * _PAD, line),
        shape_text,
        arrow,
    )


def _scale(shapes: list[Shape]) -> _Zoom:
    sides = [side for shape in shapes if not is_vector(shape) for side in shape[-2:]]
    lengths = [shape[0] for shape in shapes if is_vector(shape)]
    return _Zoom(_SIDE / max(sides, default=1), _BAR / math.sqrt(max(lengths, default=1)))


def _tiles(shape: Shape | None, scale: _Zoom) -> tuple[QRectF, ...]:
    """Draw each map as a tile, the first in front; a vector as a bar."""
    if shape is None:
        return (QRectF(0, 0, _UNKNOWN_SIDE, _UNKNOWN_SIDE),)
    if is_vector(shape):
        return (QRectF(0, 0, _BAR_WIDTH, max(_SMALLEST, scale.bar * math.sqrt(shape[0]))),)
    height, width = (max(_SMALLEST, scale.side * side) for side in shape[-2:])
    drawn = min(shape[0] if len(shape) == 3 else 1, MOST_TILES)
    step = min(_FAN_STEP, _FAN / max(1, drawn - 1))
    return tuple(QRectF(i * step, -i * step, width, height) for i in reversed(range(drawn)))


def _bounds(tiles: tuple[QRectF, ...]) -> QRectF:
    """Find the box around the tiles: the first and the last are the outermost."""
    return tiles[0].united(tiles[-1])
