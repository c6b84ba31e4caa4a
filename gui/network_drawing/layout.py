"""Where the parts of the drawing of a network are: a card for each block, folded like a text."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF

from engine.array_types import Shape, format_shape, is_vector
from engine.model.stack import Row, ShapeReport
from gui.network_drawing.tiles import MapRoom, TileGrid, map_tiles, maps_of, vector_tiles
from gui.widgets.problem_label import CROSS

Kind = Literal["maps", "vector", "outputs", "unknown"]
Measure = Callable[[str], float]

_PAD = 6.0  # px within a card
_BELOW = 3.0  # px below a picture
_SCALE = "−0.0 … 0.0"  # there is room for it below every picture with a scale
_METER = 5.0  # px at the foot of a card, for the bar of its gradient
_MARGIN, _LEDGE = 14.0, 6.0  # px beside all cards; above and below them
_GAP, _NARROW_GAP = 22.0, 12.0  # px between cards, for the arrow
_FOLD, _LOW_FOLD = 16.0, 8.0  # px between rows
_LONGEST = 110.0  # px of a title
_REASON = 108.0  # px of the words why a block does not fit
_OUTPUTS = 104.0  # px of the bars of the outputs, at least
_WIDTH = 1.7  # of the height of the pictures, that many maps may take
_LEAST_TILE, _TINY_TILE = 24.0, 12.0  # px of a map; of one that got smaller on its way
_TILE_GAP = 2.0
_STRIP, _SHORT = 12.0, 32  # px that a vector is wide, but for one of few values
_LARGEST = 420.0  # px that the height of the pictures may be


@dataclass(frozen=True)
class _Detail:
    """What is written on the cards, from a height of the pictures on."""

    least: float
    title: bool
    scale: bool
    foot: int  # lines
    brief: bool = False  # titles are numbers alone


_DETAILS = (
    _Detail(112, title=True, scale=True, foot=2),
    _Detail(56, title=True, scale=True, foot=1),
    _Detail(48, title=True, scale=False, foot=1),
    _Detail(28, title=True, scale=False, foot=0),
    _Detail(28, title=True, scale=False, foot=0, brief=True),
    _Detail(16, title=False, scale=False, foot=0),
)


@dataclass(frozen=True)
class DrawnStage:
    """One block, or the input (without a row), and the place of what it gives.

    `body` is the place of the picture, which lies at `picture` in a grid of tiles, if it is one of
    tiles. `scale` and `feet` are empty where they are not written. `arrow` comes from the stage
    before, by way of the fold where that is in the row above.
    """

    row: Row | None
    number: int
    kind: Kind
    shape: Shape | None
    text: str
    card: QRectF
    title: QRectF
    body: QRectF
    scale: QRectF
    feet: tuple[tuple[QRectF, str], ...]
    meter: QRectF
    grid: TileGrid | None
    picture: QRectF
    arrow: tuple[QPointF, ...]

    @property
    def shape_text(self) -> str:
        """The shape of what it gives."""
        return "?" if self.shape is None else format_shape(self.shape)


@dataclass(frozen=True)
class DrawingLayout:
    """All stages in the order of the network, the size of the whole, device px per px."""

    stages: tuple[DrawnStage, ...]
    size: QSizeF
    ratio: float

    def stage_at(self, point: QPointF) -> DrawnStage | None:
        """Find what a click hits."""
        return next((stage for stage in self.stages if stage.card.contains(point)), None)


@dataclass(frozen=True)
class _Content:
    """What a card holds, before it has a place."""

    row: Row | None
    number: int
    kind: Kind
    shape: Shape | None
    text: str
    feet: tuple[str, ...]


@dataclass(frozen=True)
class _Sized:
    content: _Content
    width: float  # of the card
    grid: TileGrid | None


@dataclass(frozen=True)
class _Sheet:
    """What is laid out on, and how: the room, and how texts are measured."""

    room: QSizeF
    measure: Measure
    line: float
    ratio: float

    def card_height(self, side: float, detail: _Detail) -> float:
        """Return the height of all cards."""
        lines = detail.title + detail.scale + detail.foot
        return 2 * _PAD + _METER + side + lines * self.line + _BELOW


def lay_out(
    report: ShapeReport,
    input_shape: Shape,
    room: QSizeF,
    measure: Measure,
    line: float,
    ratio: float,
    *,
    worded: bool = False,
) -> DrawingLayout:
    """Place the stages so that the pictures are as large as the room allows.

    `measure` gives the width of a text, `line` the height of its line. Where there is too little
    room, words are left out, unless it shall be `worded`; then the drawing is higher than the room.
    """
    sheet, contents = _Sheet(room, measure, line, ratio), _contents(report, input_shape)
    for detail in _DETAILS[:3] if worded else _DETAILS:
        if _fits(contents, detail.least, detail, sheet):
            side = _largest(contents, detail, sheet)
            return _placed(contents, side, detail, sheet)
    last = _DETAILS[2 if worded else 3]
    return _placed(contents, last.least, last, sheet)


def _contents(report: ShapeReport, input_shape: Shape) -> list[_Content]:
    found = [_Content(None, 0, "maps", input_shape, "Input", (format_shape(input_shape),))]
    front = len(report.front().rows)
    for number, row in enumerate(report.rows, 1):
        shape = row.output_shape if number <= front else None
        text = f"{number} {row.slot.label}"
        if row.problem is not None:
            text = f"{CROSS} {text}"
        feet = ["?" if shape is None else format_shape(shape)]
        if row.parameters:
            feet.append(f"{row.parameters:,}")
        last = number == len(report.rows) and report.predicts
        found.append(_Content(row, number, _kind(shape, last=last), shape, text, tuple(feet)))
    return found


def _kind(shape: Shape | None, *, last: bool) -> Kind:
    if shape is None:
        return "unknown"
    if last:
        return "outputs"
    return "vector" if is_vector(shape) else "maps"


def _largest(contents: list[_Content], detail: _Detail, sheet: _Sheet) -> float:
    """Search the largest height of the pictures with which all fits."""
    low, high = detail.least, max(detail.least, min(_LARGEST, sheet.room.height()))
    while high - low > 1:
        middle = math.floor((low + high) / 2)
        if _fits(contents, middle, detail, sheet):
            low = middle
        else:
            high = middle
    return low


def _fits(contents: list[_Content], side: float, detail: _Detail, sheet: _Sheet) -> bool:
    cards = _sized(contents, side, detail, sheet)
    width = sheet.room.width() - 2 * _MARGIN
    if max(card.width for card in cards) > width:
        return False
    rows = _folded(cards, width, _gap(detail))
    return _height(len(rows), side, detail, sheet) <= sheet.room.height()


def _height(rows: int, side: float, detail: _Detail, sheet: _Sheet) -> float:
    card = sheet.card_height(side, detail)
    return 2 * _LEDGE + rows * (card + _fold(detail)) - _fold(detail)


def _gap(detail: _Detail) -> float:
    return _NARROW_GAP if detail.brief or not detail.title else _GAP


def _fold(detail: _Detail) -> float:
    return _LOW_FOLD if detail.brief or not detail.title else _FOLD


# --- how wide ------------------------------------------------------------------------------------


def _sized(contents: list[_Content], side: float, detail: _Detail, sheet: _Sheet) -> list[_Sized]:
    found: list[_Sized] = []
    for content in contents:
        grid = _grid(content, side, found[-1] if found else None, sheet)
        body = 0.0 if grid is None else grid.size[0] / sheet.ratio
        if content.kind == "outputs":
            body = max(0.8 * side, _OUTPUTS if detail.title else side)
        elif content.kind == "unknown":
            failing = content.row is not None and content.row.problem is not None
            body = _REASON if failing and detail.title else side
        texts = [min(_LONGEST, sheet.measure(_title(content, detail)))] if detail.title else []
        texts += [sheet.measure(foot) for foot in _feet(content, detail)]
        scaled = detail.scale and grid is not None and content.row is not None
        texts += [sheet.measure(_SCALE)] if scaled else []
        width = math.ceil(max([body, *texts])) + 2 * _PAD
        found.append(_Sized(content, width, grid))
    return found


def _grid(content: _Content, side: float, before: _Sized | None, sheet: _Sheet) -> TileGrid | None:
    """Arrange the values of a card; None for outputs and for what is not known."""
    shape, height = content.shape, int(side * sheet.ratio)
    if shape is None or content.kind in ("outputs", "unknown"):
        return None
    if is_vector(shape):
        share = min(0.9, math.sqrt(shape[0]) / 40)
        least = _STRIP * sheet.ratio if shape[0] > _SHORT else 1
        return vector_tiles(shape[0], height, int(max(share * height, least)), sheet.ratio)
    count = maps_of(shape)[0]
    if content.row is None and count == 3:  # the colours of one image
        count, shape = 1, (1, *shape[1:])
    label = sheet.measure(f"+{count}") + 2
    room = MapRoom(
        height,
        int(height * (_WIDTH if count > 1 else 1)),
        least=round(min(_LEAST_TILE, max(_TINY_TILE, side / 3)) * sheet.ratio),
        largest=min(height, _largest_tile(content, before, sheet.ratio)),
        gap=round(_TILE_GAP * sheet.ratio),
        label=round(label * sheet.ratio),
    )
    return map_tiles(shape, room)


def _largest_tile(content: _Content, before: _Sized | None, ratio: float) -> int:
    """Return how many px a map may be high: what pools gives smaller ones, at one scale."""
    row, grid = content.row, None if before is None else before.grid
    shape = content.shape
    if row is None or before is None or grid is None or shape is None or len(shape) != 3:
        return sys.maxsize
    source, px = before.content.shape, grid.height * grid.cell
    group = row.slot.block.group
    if group in ("Activation", "Regularisation"):
        return px
    if group == "Pooling" and source is not None:
        return max(round(_TINY_TILE * ratio), round(1.25 * px * shape[1] / source[1]))
    return sys.maxsize


def _title(content: _Content, detail: _Detail) -> str:
    return str(content.number) if detail.brief and content.number else content.text


def _feet(content: _Content, detail: _Detail) -> list[str]:
    """Return what is written below a picture: shape and parameters, in one line or two."""
    shape, *parameters = content.feet
    if detail.foot == 0:
        return []
    if detail.foot == 1:
        return [" · ".join(content.feet)]
    return [shape, *(f"{count} parameters" for count in parameters)][: detail.foot]


# --- where ---------------------------------------------------------------------------------------


def _folded(cards: list[_Sized], width: float, gap: float) -> list[list[_Sized]]:
    """Break the cards into rows, as a text."""
    rows: list[list[_Sized]] = [[]]
    used = 0.0
    for card in cards:
        if rows[-1] and used + gap + card.width > width:
            rows.append([])
        used = card.width + (used + gap if rows[-1] else 0)
        rows[-1].append(card)
    return rows


def _balanced(cards: list[_Sized], width: float, gap: float) -> list[list[_Sized]]:
    """Break the cards into as few rows as they need, of much the same width."""
    rows = _folded(cards, width, gap)
    low, high = max(card.width for card in cards), max(width, 1.0)
    while high - low > 2:
        middle = (low + high) / 2
        if len(_folded(cards, middle, gap)) > len(rows):
            low = middle
        else:
            high = middle
    return _folded(cards, high, gap)


def _placed(contents: list[_Content], side: float, detail: _Detail, sheet: _Sheet) -> DrawingLayout:
    cards, gap = _sized(contents, side, detail, sheet), _gap(detail)
    inside = sheet.room.width() - 2 * _MARGIN
    rows = _balanced(cards, inside, gap)
    lengths = [sum(card.width for card in row) + gap * (len(row) - 1) for row in rows]
    left = _MARGIN + max(0.0, inside - max(lengths)) / 2
    height = _height(len(rows), side, detail, sheet)
    top = _LEDGE + max(0.0, sheet.room.height() - height) / 2
    stages: list[DrawnStage] = []
    for row in rows:
        x = left
        for card in row:
            corner = QPointF(round(x), round(top))
            stage = _stage(card, corner, side, detail, sheet)
            if stages:
                stage = replace(stage, arrow=_arrow(stages[-1], stage, gap, _fold(detail)))
            stages.append(stage)
            x += card.width + gap
        top += sheet.card_height(side, detail) + _fold(detail)
    size = QSizeF(max(lengths) + 2 * _MARGIN, height).expandedTo(sheet.room)
    return DrawingLayout(tuple(stages), size, sheet.ratio)


def _stage(
    sized: _Sized, corner: QPointF, side: float, detail: _Detail, sheet: _Sheet
) -> DrawnStage:
    line, content = sheet.line, sized.content
    card = QRectF(corner.x(), corner.y(), sized.width, sheet.card_height(side, detail))
    x, y, wide = card.x() + _PAD, card.y() + _PAD, card.width() - 2 * _PAD
    title = QRectF(x, y - 2, wide, line if detail.title else 0)
    body = QRectF(x, y + title.height(), wide, side)
    scale = QRectF(x, body.bottom() + _BELOW, wide, line if detail.scale and sized.grid else 0)
    y = body.bottom() + _BELOW + (line if detail.scale else 0)
    feet = tuple(
        (QRectF(x, y + number * line, wide, line), text)
        for number, text in enumerate(_feet(content, detail))
    )
    return DrawnStage(
        content.row,
        content.number,
        content.kind,
        content.shape,
        _title(content, detail),
        card,
        title,
        body,
        scale,
        feet,
        QRectF(x, card.bottom() - _METER - 1, wide, 3),
        sized.grid,
        _centred(body, sized.grid, sheet.ratio),
        (),
    )


def _centred(body: QRectF, grid: TileGrid | None, ratio: float) -> QRectF:
    """Return the place of a picture in the middle of a body, on whole px of the device."""
    if grid is None:
        return body
    wide, high = (size / ratio for size in grid.size)
    x = round((body.center().x() - wide / 2) * ratio) / ratio
    y = round((body.center().y() - high / 2) * ratio) / ratio
    return QRectF(x, y, wide, high)


def _arrow(before: DrawnStage, after: DrawnStage, gap: float, fold: float) -> tuple[QPointF, ...]:
    """Lead from one card to the next; into the row below by way of the fold between them."""
    start = QPointF(before.card.right() + 2, before.body.center().y())
    end = QPointF(after.card.left() - 2, after.body.center().y())
    if before.card.top() == after.card.top():
        return start, end
    right, left = start.x() + gap / 3, end.x() - gap / 2
    middle = before.card.bottom() + fold / 2
    return (
        start,
        QPointF(right, start.y()),
        QPointF(right, middle),
        QPointF(left, middle),
        QPointF(left, end.y()),
        end,
    )
