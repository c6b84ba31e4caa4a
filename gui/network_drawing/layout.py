"""Where the parts of the living network are: a column for each block, many of them in rows."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF

from engine.array_types import Shape, format_shape, is_vector
from engine.model.stack import Row, ShapeReport
from gui.widgets.arcs import LANE, Arc, arcs_of, lanes_of
from gui.widgets.tiles import Tiles

MOST = 96  # maps of a block; more are not told apart
_KEPT = 1024  # arrangements: the search for the best one asks for the same again and again


@dataclass(frozen=True)
class JoinedTiles(Tiles):
    """Tiles of `total`, of which the first have a place; their px are those of the device.

    A cell is the mean of `joined` × `joined` values of a map where there is no room for all. A
    vector is a grid of single cells, folded like a text; there a cell is the mean of `joined`
    neighbours.
    """

    total: int = 0
    joined: int = 1


@lru_cache(maxsize=_KEPT)
def map_tiles(shape: Shape, height: int, side: int, gap: int, most_columns: int) -> JoinedTiles:
    """Stack maps of at most `side` px in as few columns as the height asks for.

    They are `gap` px apart, small ones less. Some are left out where the columns would be too
    many; the last place is then free, or the last places where they are small.
    """
    count, high, wide = maps_of(shape)
    cell = side // max(high, wide)
    joined = 1 if cell else math.ceil(max(high, wide) / side)
    cell, high, wide = max(1, cell), max(1, high // joined), max(1, wide // joined)
    gap = max(1, min(gap, high * cell // 6))
    rows = max(1, (height + gap) // (high * cell + gap))
    columns = math.ceil(min(count, MOST) / rows)
    shown = min(count, MOST)
    if columns > most_columns:
        columns = most_columns
        shown = max(1, rows * columns - math.ceil(_LEFT_OUT / (wide * cell + gap)))
    return JoinedTiles(shown, high, wide, columns, cell, gap, total=count, joined=joined)


@lru_cache(maxsize=_KEPT)
def vector_tiles(count: int, height: int, widest: int, largest: int) -> JoinedTiles:
    """Fold a vector into a strip so that its cells are as large as can be."""
    joined = math.ceil(count / max(1, height * max(1, widest)))
    cells = math.ceil(count / joined)
    for cell in range(max(1, min(height, largest)), 0, -1):
        columns = math.ceil(cells / (height // cell))
        if columns * cell <= max(widest, cell) or cell == 1:
            break
    return JoinedTiles(cells, 1, 1, columns, cell, total=cells, joined=joined)


def maps_of(shape: Shape) -> tuple[int, int, int]:
    """Return a shape as that of maps: how many, height, width."""
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else (1, shape[0], shape[-1])


Kind = Literal["maps", "vector", "outputs", "unknown"]
Measure = Callable[[str], float]

MARGIN, LEDGE = 14.0, 8.0  # px beside all columns; above and below them
CHIP = 9.0  # px before a title, for the colour of the kind of block
METER = 6.0  # px below the texts, for the bar of the gradient
_GAP, _WIDEST_GAP = 14.0, 64.0  # px between pictures, for lines
_APART, _FOLD = 10.0, 16.0  # px between texts; between rows
_BELOW = 5.0  # px between pictures and texts
_IMAGE, _LARGEST_TILE, _LEAST_TILE = 140.0, 84.0, 20.0  # px
_TINY_TILE = 12.0  # px of a map that pools have made smaller
_LEFT_OUT = 24  # px that the number of maps takes that are left out
_TILE_GAP = 8.0  # px between maps; less between small ones
_COLUMNS = 4  # of maps of one block
_STRIP, _CELL = 22.0, 16.0  # px that a vector is wide; of one value at most
_CIRCLE, _NAME = 31.0, 80.0  # px from output to output at most; of their circles and names
_REASON = 100.0  # px of the words why a block does not fit
_ROOMY = 950.0, 620.0  # px across and down; what is larger has larger pictures, too
_LOW, _LOWEST = 88.0, 48.0  # px of pictures: less has one line of text; no row has less
_CLEAR = 52.0  # px of a map from which on a larger one is no clearer
_AROUND = -4.0, -4.0, 4.0, 4.0  # px around an arc at which it is meant
_ROW_COSTS = 0.75  # of what is seen of maps, for one more row: one line is read more easily


@dataclass(frozen=True)
class Content:
    """What a column holds, before it has a place."""

    row: Row | None
    number: int
    kind: Kind
    shape: Shape | None
    text: str


@dataclass(frozen=True)
class Column:
    """A column with the widths of its picture and its text, and how its values lie in it."""

    content: Content
    picture: float
    text: float
    grid: JoinedTiles | None

    @property
    def width(self) -> float:
        """What it takes."""
        return max(self.picture, self.text)

    def distance(self, other: "Column", gap: float) -> float:
        """Return how far its middle is from that of the next, with a gap between the pictures."""
        apart = (self.picture + other.picture) / 2 + gap
        return max(apart, (self.text + other.text) / 2 + _APART)


@dataclass(frozen=True)
class Sizes:
    """How high the pictures of a row may be, and how large a map."""

    height: float
    tile: float


@dataclass(frozen=True)
class Sheet:
    """What is laid out on, and how: the room, and how texts are measured."""

    room: QSizeF
    measure: Measure
    line: float
    ratio: float
    arcs: float = 0.0  # px above each row, for skip connections

    @property
    def inside(self) -> float:
        """Px across for the columns."""
        return self.room.width() - 2 * MARGIN

    @property
    def scale(self) -> float:
        """How many times as large as usual pictures and gaps may be: as on a projector."""
        return max(1.0, min(self.room.width() / _ROOMY[0], self.room.height() / _ROOMY[1]))

    def texts(self, height: float) -> float:
        """Return the height of what is written below pictures of a height."""
        return _BELOW + self.line * (1 + (height >= _LOW)) + METER

    def pictures(self, rows: int) -> float:
        """Return how high pictures may be where there are so many rows."""
        row = (self.room.height() - 2 * LEDGE - (rows - 1) * _FOLD) / rows - self.arcs
        two_lines = row - self.texts(_LOW)
        return two_lines if two_lines >= _LOW else row - self.texts(0)


# --- what ----------------------------------------------------------------------------------------


def contents_of(report: ShapeReport, input_shape: Shape) -> list[Content]:
    """List what the columns hold, in the order of the network."""
    found = [Content(None, 0, "maps", input_shape, "Image")]
    front = len(report.front().rows)
    for number, row in enumerate(report.rows, 1):
        shape = row.output_shape if number <= front else None
        last = number == len(report.rows) and report.predicts
        found.append(Content(row, number, _kind(shape, last=last), shape, row.slot.label))
    return found


def _kind(shape: Shape | None, *, last: bool) -> Kind:
    if shape is None:
        return "unknown"
    if last:
        return "outputs"
    return "vector" if is_vector(shape) else "maps"


def brief_title(text: str, row: Row | None) -> str:
    """Return a title without its options, for a narrow column; what a user wrote stays."""
    is_own = row is None or bool(row.slot.title)
    return text if is_own else text.partition(",")[0].partition(" to ")[0]


# --- how large -----------------------------------------------------------------------------------


def best_sizes(contents: Sequence[Content], sheet: Sheet) -> Sizes:
    """Return the sizes with the largest maps; one more row must be worth it."""
    best, most = Sizes(_LOWEST, _LEAST_TILE), 0.0
    for rows in range(1, len(contents) + 1):
        height = sheet.pictures(rows)
        if height < _LOWEST:
            break
        tile = _LARGEST_TILE * sheet.scale
        while tile >= _LEAST_TILE:
            sizes = Sizes(height, tile)
            columns = columns_of(contents, sizes, sheet)
            if len(folded(columns, sheet.inside)) <= rows:
                seen = _seen(columns, sheet) * _ROW_COSTS**rows
                if seen > most:
                    best, most = sizes, seen
                break
            tile -= 4
    return best


def _seen(columns: Sequence[Column], sheet: Sheet) -> float:
    """Return how clear the maps are: their mean side, less where some of them are left out."""
    grids = [each.grid for each in columns if each.grid and each.content.kind == "maps"]
    clear = _CLEAR * sheet.ratio
    sides = (
        min(clear, grid.scale * grid.height) * math.sqrt(grid.count / min(grid.total, MOST))
        for grid in grids
    )
    return sum(sides) / len(grids)


def columns_of(contents: Sequence[Content], sizes: Sizes, sheet: Sheet) -> list[Column]:
    """Give the columns their width, and their pictures a grid."""
    found: list[Column] = []
    for content in contents:
        grid = _grid(content, sizes, found[-1] if found else None, sheet)
        body = 0.0 if grid is None else grid.area.width() / sheet.ratio
        if content.kind == "outputs":
            body = _NAME
        elif content.kind == "unknown":
            failing = content.row is not None and content.row.problem is not None
            body = _REASON if failing else 0.0
        text = CHIP + sheet.measure(brief_title(content.text, content.row))
        if content.shape is not None and sizes.height >= _LOW:
            text = max(text, sheet.measure(format_shape(content.shape)))
        if content.kind == "unknown":  # its box is as wide as what is written below it
            body = text = max(body, text)
        found.append(Column(content, float(math.ceil(body)), float(math.ceil(text)), grid))
    return found


def _grid(
    content: Content, sizes: Sizes, before: Column | None, sheet: Sheet
) -> JoinedTiles | None:
    """Arrange the values of a column; None for outputs and for what is not known."""
    shape, ratio = content.shape, sheet.ratio
    if shape is None or content.kind in ("outputs", "unknown"):
        return None
    height = int(sizes.height * ratio)
    if is_vector(shape):
        return vector_tiles(shape[0], height, int(_STRIP * ratio), round(_CELL * ratio))
    if content.row is None:  # the colours are one image
        side = min(_IMAGE * sheet.scale, sizes.height, 1.8 * sizes.tile)
        one = (1, *shape[1:]) if maps_of(shape)[0] == 3 else shape
        return map_tiles(one, height, int(side * ratio), 1, 1)
    side = min(sizes.tile, sizes.height) * ratio
    shrunk = None if before is None or before.content.row is None else before.grid
    source = None if before is None else before.content.shape
    if shrunk is not None and source is not None and len(source) == 3:
        # What pools give is smaller, at one scale; what is as large as before is so here too.
        largest = shrunk.height * shrunk.scale * min(1.0, 1.25 * shape[1] / source[1])
        side = min(side, max(largest, _TINY_TILE * ratio))
    return map_tiles(shape, height, int(side), round(_TILE_GAP * ratio), _COLUMNS)


# --- in rows -------------------------------------------------------------------------------------


def length_of(row: Sequence[Column], gap: float) -> float:
    """Return how long a row is with such gaps between pictures."""
    middles = sum(one.distance(other, gap) for one, other in pairwise(row))
    return (row[0].width + row[-1].width) / 2 + middles


def folded(columns: Sequence[Column], width: float) -> list[list[Column]]:
    """Break the columns into rows, as a text."""
    rows: list[list[Column]] = [[]]
    for column in columns:
        if rows[-1] and length_of([*rows[-1], column], _GAP) > width:
            rows.append([])
        rows[-1].append(column)
    return rows


def balanced(columns: Sequence[Column], width: float) -> list[list[Column]]:
    """Break the columns into as few rows as they need, of much the same width."""
    rows = folded(columns, width)
    low, high = max(column.width for column in columns), max(width, 1.0)
    while high - low > 2:
        middle = (low + high) / 2
        if len(folded(columns, middle)) > len(rows):
            low = middle
        else:
            high = middle
    return folded(columns, high)


def best_gap(row: Sequence[Column], sheet: Sheet) -> float:
    """Return the widest gap between pictures with which a row has room."""
    low, high = _GAP, _WIDEST_GAP * sheet.scale
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (middle, high) if length_of(row, middle) <= sheet.inside else (low, middle)
    return low


@dataclass(frozen=True)
class DrawnStage(Content):
    """One block, or the input (without a row), and the place of what it gives.

    `card` is the whole column. `body` is the place of the picture, which lies at `picture` in a
    grid of tiles, if it is one of tiles, or is one of circles, `pitch` px apart. `foot` is empty
    where the shape is not written, and so is `more`, the place that says how many maps are left
    out. `fold` leads from the stage before where that is in the row above.
    """

    card: QRectF
    title: QRectF
    body: QRectF
    foot: QRectF
    meter: QRectF
    grid: JoinedTiles | None
    picture: QRectF
    more: QRectF
    pitch: float
    ratio: float
    fold: tuple[QPointF, ...] = ()

    @property
    def shape_text(self) -> str:
        """The shape of what it gives."""
        return "?" if self.shape is None else format_shape(self.shape)

    @property
    def tiles(self) -> int:
        """How many maps, cells of a vector, or circles of outputs have a place."""
        if self.kind == "outputs" and self.shape is not None:
            return self.shape[0] if self.pitch else 0
        return 0 if self.grid is None else self.grid.count

    def tile(self, number: int) -> QRectF:
        """Return the place of a map, of a cell of a vector, or of the circle of an output."""
        if number not in self._places:
            self._places[number] = self._place(number)
        return self._places[number]

    @cached_property
    def _places(self) -> dict[int, QRectF]:
        """Those that were asked for: lines are painted anew again and again."""
        return {}

    def _place(self, number: int) -> QRectF:
        if self.kind == "outputs":
            side = 0.65 * self.pitch
            top = self.picture.top() + number * self.pitch + (self.pitch - side) / 2
            return QRectF(self.picture.left(), top, side, side)
        assert self.grid is not None
        tile = self.grid.tile(number)
        corner = self.picture.topLeft() + tile.topLeft() / self.ratio
        return QRectF(corner, tile.size() / self.ratio)


Way = tuple[tuple[QPointF, ...], ...]


@dataclass(frozen=True)
class DrawingLayout:
    """All stages in the order of the network, the size of the whole, device px per px.

    An arc is given with the points of its way; in each row that it passes it has a part of its own.
    """

    stages: tuple[DrawnStage, ...]
    size: QSizeF
    ratio: float
    arcs: tuple[tuple[Arc, Way], ...] = ()

    def stage_at(self, point: QPointF) -> DrawnStage | None:
        """Find what a click hits."""
        return next((stage for stage in self.stages if stage.card.contains(point)), None)

    def arc_at(self, point: QPointF) -> Arc | None:
        """Find the arc that lies at a point, or near it."""
        for arc, way in self.arcs:
            lines = (QRectF(*ends).normalized() for part in way for ends in pairwise(part))
            if any(line.adjusted(*_AROUND).contains(point) for line in lines):
                return arc
        return None


def lay_out(
    report: ShapeReport,
    input_shape: Shape,
    room: QSizeF,
    measure: Measure,
    line: float,
    ratio: float,
) -> DrawingLayout:
    """Place the stages so that maps are as large as they can be in the room.

    `measure` gives the width of a text, `line` the height of its line. Where there is too little
    room, the drawing is higher than the room.
    """
    arcs, contents = arcs_of(report.rows), contents_of(report, input_shape)
    lanes = LANE * (lanes_of(arcs) + 1) if arcs else 0.0
    sheet = Sheet(room, measure, line, ratio, lanes)
    sizes = best_sizes(contents, sheet)
    rows = balanced(columns_of(contents, sizes, sheet), sheet.inside)
    high = lanes + sizes.height + sheet.texts(sizes.height)
    height = 2 * LEDGE + len(rows) * (high + _FOLD) - _FOLD
    top = lanes + LEDGE + max(0.0, room.height() - height) / 2
    stages: list[DrawnStage] = []
    widest = 0.0
    for row in rows:
        gap = best_gap(row, sheet)
        length = length_of(row, gap)
        widest = max(widest, length)
        middle = MARGIN + max(0.0, sheet.inside - length) / 2 + row[0].width / 2
        apart = [one.distance(other, gap) for one, other in pairwise(row)]
        for place, column in enumerate(row):
            near = apart[max(0, place - 1) : place + 1]
            # A text may be as wide as what lies to its neighbours.
            wide = max(column.width, min(near, default=0.0) - _APART)
            if place in (0, len(row) - 1):
                wide = column.width
            corner = QPointF(round(middle - wide / 2), round(top))
            stage = _stage(column, corner, wide, sizes, sheet)
            if column is row[0] and stages:
                stage = replace(stage, fold=_fold(stages[-1], stage))
            stages.append(stage)
            middle += apart[place] if place < len(apart) else 0.0
        top += high + _FOLD
    size = QSizeF(widest + 2 * MARGIN, height).expandedTo(room)
    ways = ((arc, _way(arc, stages[arc.source + 1 : arc.target + 2])) for arc in arcs)
    return DrawingLayout(tuple(stages), size, ratio, tuple(ways))


def _way(arc: Arc, passed: Sequence[DrawnStage]) -> Way:
    """Lead an arc above the columns; at the end of a row it goes on at the begin of the next."""
    parts: list[tuple[QPointF, ...]] = []
    for _, stages in groupby(passed, key=lambda stage: stage.body.top()):
        row = list(stages)
        y = row[0].body.top() - LANE * (arc.lane + 1)
        begin, end = QPointF(row[0].card.left() - 4, y), QPointF(row[-1].card.right() + 4, y)
        leaves = _stub(row[0], 1, y) if row[0] is passed[0] else [begin]
        comes = _stub(row[-1], -1, y) if row[-1] is passed[-1] else [end]
        parts.append((*leaves, *reversed(comes)))
    return tuple(parts)


def _stub(stage: DrawnStage, side: int, y: float) -> list[QPointF]:
    """Lead from a picture up to a lane, beside its middle: what comes is at the left."""
    x = stage.picture.center().x() + side * min(LANE, stage.picture.width() / 4)
    return [QPointF(x, stage.picture.top() - 2), QPointF(x, y)]


def _stage(column: Column, corner: QPointF, wide: float, sizes: Sizes, sheet: Sheet) -> DrawnStage:
    content, line = column.content, sheet.line
    card = QRectF(corner, QSizeF(wide, sizes.height + sheet.texts(sizes.height)))
    body = QRectF(corner, QSizeF(wide, sizes.height))
    pitch = 0.0
    if content.kind == "outputs" and content.shape is not None:
        pitch = min(_CIRCLE, sizes.height / content.shape[0])
        pitch = pitch if pitch >= line - 1 else 0.0  # or else only the strongest are written
        high = pitch * content.shape[0] or sizes.height
        left = body.center().x() - column.picture / 2
        picture = QRectF(left, body.center().y() - high / 2, column.picture, high)
    else:
        picture = _centred(body, column.grid, sheet.ratio)
    title = QRectF(card.x(), body.bottom() + _BELOW, wide, line)
    foot = QRectF(title).translated(0, line)
    foot.setHeight(line if sizes.height >= _LOW else 0)
    return DrawnStage(
        **vars(content),
        card=card,
        title=title,
        body=body,
        foot=foot,
        meter=QRectF(picture.center().x() - 20, card.bottom() - 4, 40, 3),
        grid=column.grid,
        picture=picture,
        more=_more(column.grid, picture, sheet.ratio),
        pitch=pitch,
        ratio=sheet.ratio,
    )


def _more(grid: JoinedTiles | None, picture: QRectF, ratio: float) -> QRectF:
    """Return where is said how many maps are left out: after the last."""
    if grid is None or grid.count in (grid.total, grid.rows * grid.columns):
        return QRectF()
    corner = grid.tile(grid.count).topLeft() / ratio
    return picture.adjusted(corner.x(), corner.y(), 0, 0)


def _centred(body: QRectF, grid: JoinedTiles | None, ratio: float) -> QRectF:
    """Return the place of a picture in the middle of a body, on whole px of the device."""
    if grid is None:
        return body
    size = grid.area.size() / ratio
    x = round((body.center().x() - size.width() / 2) * ratio) / ratio
    y = round((body.center().y() - size.height() / 2) * ratio) / ratio
    return QRectF(QPointF(x, y), size)


def _fold(before: DrawnStage, after: DrawnStage) -> tuple[QPointF, ...]:
    """Lead from the end of a row to the begin of the next by way of the fold between them."""
    start = QPointF(before.picture.right() + 3, before.body.center().y())
    end = QPointF(after.picture.left() - 3, after.body.center().y())
    right, left = before.card.right() + _GAP / 2, after.card.left() - _GAP / 2
    middle = before.card.bottom() + _FOLD / 2
    turns = [(right, start.y()), (right, middle), (left, middle), (left, end.y())]
    return (start, *(QPointF(x, y) for x, y in turns), end)
