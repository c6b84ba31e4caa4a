"""Where the parts of the drawing of a network are: a card for each block, folded like a text."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSizeF

from engine.array_types import Shape, format_shape, is_vector
from engine.model.stack import Row, ShapeReport
from gui.widgets.problem_label import CROSS

MOST = 96  # maps of a block; more are not told apart
_FEW = 6  # maps; rather than to show fewer, they get small
_KEPT = 1024  # arrangements: the search for the best one asks for the same again and again
_CELL, _SHARE = 16, 8  # logical px of one value of a vector, or this part of the height


@dataclass(frozen=True)
class TileGrid:
    """`shown` of `total` tiles of `height` × `width` cells, each `cell` px, `gap` px apart.

    A cell is the mean of `joined` × `joined` values of a map where there is no room for all. A
    vector is a grid of single cells, folded like a text; there a cell is the mean of `joined`
    neighbours.
    """

    total: int
    shown: int
    height: int
    width: int
    columns: int
    cell: int
    gap: int
    joined: int = 1

    @property
    def places(self) -> tuple[int, int]:
        """How many rows and columns of tiles there are."""
        return math.ceil(self.shown / self.columns), self.columns

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in px."""
        rows, columns = self.places
        return (
            columns * (self.width * self.cell + self.gap) - self.gap,
            rows * (self.height * self.cell + self.gap) - self.gap,
        )

    def corner(self, tile: int) -> tuple[int, int]:
        """Left and top px of a tile."""
        row, column = divmod(tile, self.columns)
        return (
            column * (self.width * self.cell + self.gap),
            row * (self.height * self.cell + self.gap),
        )

    def locate(self, x: float, y: float) -> tuple[int, int, int] | None:
        """Return which tile, and which row and column of its cells, a px is; None for a gap."""
        across, in_x = divmod(x, self.width * self.cell + self.gap)
        down, in_y = divmod(y, self.height * self.cell + self.gap)
        tile = int(down) * self.columns + int(across)
        row, column = int(in_y // self.cell), int(in_x // self.cell)
        inside = row < self.height and column < self.width and 0 <= across < self.columns
        return (tile, row, column) if inside and 0 <= tile < self.shown else None


@dataclass(frozen=True)
class MapRoom:
    """The room for maps in px: how large one is at least and at most, and what says `+48`."""

    height: int
    width: int
    least: int
    largest: int
    gap: int
    label: int


def maps_of(shape: Shape) -> tuple[int, int, int]:
    """Return a shape as that of maps: how many, height, width."""
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else (1, shape[0], shape[-1])


@lru_cache(maxsize=_KEPT)
def map_tiles(shape: Shape, room: MapRoom) -> TileGrid:
    """Arrange maps in a room: all of them, as large as they can be, where it is large enough.

    Where they would be too small to be read, some are left out.
    """
    count, high, wide = maps_of(shape)
    found: TileGrid | None = None
    for side in _sides(count, high / wide, room):
        grid = _maps_in(count, (high, wide), side, room)
        px, whole = grid.height * grid.cell, grid.shown == count
        if found is not None and px < room.least:
            if grid.joined > 1 or px < room.least // 2:
                break
            if not whole and found.shown >= _FEW:
                continue  # smaller ones might all have room
        found = grid
        if whole:
            break
    assert found is not None
    return found


@lru_cache(maxsize=_KEPT)
def vector_tiles(count: int, height: int, widest: int, ratio: float) -> TileGrid:
    """Fold a vector into a height so that its cells are as large as can be."""
    joined = math.ceil(count / max(1, height * max(1, widest)))
    cells = math.ceil(count / joined)
    largest = min(height, max(round(_CELL * ratio), height // _SHARE))
    for cell in range(max(1, largest), 0, -1):
        columns = math.ceil(cells / (height // cell))
        if columns * cell <= max(widest, cell) or cell == 1:
            break
    return TileGrid(cells, cells, 1, 1, columns, cell, 0, joined)


def _sides(count: int, ratio: float, room: MapRoom) -> list[int]:
    """Return the heights that a map may have, the largest first: a whole number has room."""
    numbers = range(1, min(count, MOST) + 1)
    down = ((room.height + room.gap) // number - room.gap for number in numbers)
    across = ((room.width + room.gap) // number - room.gap for number in numbers)
    sides = {*down, *(int(side * ratio) for side in across)}
    highest = min(room.height, room.largest)
    return sorted({max(1, min(side, highest)) for side in sides}, reverse=True)


def _maps_in(count: int, shape: tuple[int, int], side: int, room: MapRoom) -> TileGrid:
    """Arrange maps of a shape (height, width) whose height takes at most `side` px."""
    high, wide = shape
    cell = min(side // high, room.width // wide)
    joined = 1 if cell else max(math.ceil(high / side), math.ceil(wide / room.width))
    cell = max(1, cell)
    high, wide = max(1, high // joined), max(1, wide // joined)
    rows = max(1, (room.height + room.gap) // (high * cell + room.gap))
    most = max(1, (room.width + room.gap) // (wide * cell + room.gap))
    most = min(most, math.ceil(MOST / rows))
    if rows * most >= count:
        square = math.ceil(math.sqrt(count * high / wide))
        columns = min(most, max(math.ceil(count / rows), square))
        return TileGrid(count, count, high, wide, columns, cell, room.gap, joined)
    left_out = math.ceil(room.label / (wide * cell + room.gap))  # places that say how many
    shown = max(1, rows * most - (left_out if left_out < most else 0))
    return TileGrid(count, shown, high, wide, most, cell, room.gap, joined)


Kind = Literal["maps", "vector", "outputs", "unknown"]
Measure = Callable[[str], float]

PAD = 6.0  # px within a card
BELOW = 3.0  # px below a picture
METER = 5.0  # px at the foot of a card, for the bar of its gradient
MARGIN, LEDGE = 14.0, 6.0  # px beside all cards; above and below them
_SCALE = "−0.0 … 0.0"  # there is room for it below every picture with a scale
_GAP, _FOLD = 22.0, 16.0  # px between cards, for the arrow; between rows
_TITLES = (110.0, 132.0, 160.0, 240.0)  # px that a title may be long, if there is room
_REASON = 108.0  # px of the words why a block does not fit
_OUTPUTS = 104.0  # px of the bars of the outputs, at least
_SPREADS = (1.0, 1.7, 2.4, 3.4, 5.0)  # of the height of the pictures, that many maps may take
_LEAST_TILE, _TINY_TILE = 24.0, 12.0  # px of a map; of one that got smaller on its way
_TILE_GAP = 2.0
_STRIP, _SHORT = 12.0, 32  # px that a vector is wide, but for one of few values
_COUNTS = 0.6  # power of the number of maps, in what can be seen
_LARGEST = 420.0  # px that the height of the pictures may be


@dataclass(frozen=True)
class Detail:
    """What is written on the cards below their titles, from a height of the pictures on."""

    least: float
    scale: bool
    foot: int  # lines


_DETAILS = Detail(112, True, 2), Detail(56, True, 1), Detail(48, False, 1)


@dataclass(frozen=True)
class CardSizes:
    """How high the pictures are, how much wider many maps may be, how long a title may be."""

    detail: Detail
    side: float
    spread: float
    longest: float = _TITLES[0]


@dataclass(frozen=True)
class Content:
    """What a card holds, before it has a place."""

    row: Row | None
    number: int
    kind: Kind
    shape: Shape | None
    text: str
    feet: tuple[str, ...]


@dataclass(frozen=True)
class SizedCard:
    """A card with its width, and how its values lie in its picture."""

    content: Content
    width: float
    grid: TileGrid | None


@dataclass(frozen=True)
class Sheet:
    """What is laid out on, and how: the room, and how texts are measured."""

    room: QSizeF
    measure: Measure
    line: float
    ratio: float

    @property
    def inside(self) -> float:
        """Px across for the cards."""
        return self.room.width() - 2 * MARGIN

    def card_height(self, form: CardSizes) -> float:
        """Return the height of all cards."""
        detail = form.detail
        lines = 1 + detail.scale + detail.foot
        return 2 * PAD + METER + form.side + lines * self.line + BELOW

    def height(self, rows: int, form: CardSizes) -> float:
        """Return the height of so many rows of cards."""
        return 2 * LEDGE + rows * (self.card_height(form) + _FOLD) - _FOLD


# --- what ----------------------------------------------------------------------------------------


def contents_of(report: ShapeReport, input_shape: Shape) -> list[Content]:
    """Say what the cards hold, in the order of the network."""
    found = [Content(None, 0, "maps", input_shape, "Input", (format_shape(input_shape),))]
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
        found.append(Content(row, number, _kind(shape, last=last), shape, text, tuple(feet)))
    return found


def _kind(shape: Shape | None, *, last: bool) -> Kind:
    if shape is None:
        return "unknown"
    if last:
        return "outputs"
    return "vector" if is_vector(shape) else "maps"


def feet_of(content: Content, detail: Detail) -> list[str]:
    """Return what is written below a picture: shape and parameters, in one line or two."""
    shape, *parameters = content.feet
    if detail.foot == 1:
        return [" · ".join(content.feet)]
    return [shape, *(f"{count} parameters" for count in parameters)][: detail.foot]


# --- how large -----------------------------------------------------------------------------------


def best_form(contents: Sequence[Content], sheet: Sheet) -> CardSizes:
    """Choose the form in which most can be seen, of those that leave out least."""
    for detail in _DETAILS:
        form = _form_with(detail, contents, sheet)
        if form is not None:
            return _with_long_titles(contents, form, sheet)
    return CardSizes(_DETAILS[-1], _DETAILS[-1].least, _SPREADS[3])  # higher than the room


def _form_with(detail: Detail, contents: Sequence[Content], sheet: Sheet) -> CardSizes | None:
    """Return the form of a detail in which most can be seen; None if it does not fit."""
    forms = [CardSizes(detail, detail.least, spread) for spread in _SPREADS]
    grown = [_grown(contents, form, sheet) for form in forms if _fits(contents, form, sheet)]
    return max(grown, key=lambda form: _seen(contents, form, sheet), default=None)


def _grown(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> CardSizes:
    """Search the largest height of the pictures with which all fits."""
    low, high = form.side, max(form.side, min(_LARGEST, sheet.room.height()))
    while high - low > 1:
        middle = float(math.floor((low + high) / 2))
        if _fits(contents, replace(form, side=middle), sheet):
            low = middle
        else:
            high = middle
    return replace(form, side=low)


def _with_long_titles(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> CardSizes:
    """Let titles be as long as there is room beside pictures of this size."""
    longer = [replace(form, longest=longest) for longest in _TITLES]
    return [longer[0], *(each for each in longer if _fits(contents, each, sheet))][-1]


def _seen(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> float:
    """Say how much is seen of all pictures: rather four maps than one that is twice as large."""
    grids = (card.grid for card in sized(contents, form, sheet))
    sizes = (
        (grid.shown, grid.cell * math.sqrt(grid.height * grid.width)) for grid in grids if grid
    )
    return sum(math.pow(shown, _COUNTS) * size for shown, size in sizes)


def _fits(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> bool:
    cards = sized(contents, form, sheet)
    if max(card.width for card in cards) > sheet.inside:
        return False
    rows = folded(cards, sheet.inside)
    return sheet.height(len(rows), form) <= sheet.room.height()


def sized(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> list[SizedCard]:
    """Give the cards their width, and their pictures a grid."""
    found: list[SizedCard] = []
    detail, side = form.detail, form.side
    for content in contents:
        grid = _grid(content, form, found[-1] if found else None, sheet)
        body = 0.0 if grid is None else grid.size[0] / sheet.ratio
        if content.kind == "outputs":
            body = max(0.8 * side, _OUTPUTS)
        elif content.kind == "unknown":
            failing = content.row is not None and content.row.problem is not None
            body = _REASON if failing else side
        texts = [min(form.longest, sheet.measure(content.text))]
        texts += [sheet.measure(foot) for foot in feet_of(content, detail)]
        scaled = detail.scale and grid is not None and content.row is not None
        texts += [sheet.measure(_SCALE)] if scaled else []
        width = math.ceil(max([body, *texts])) + 2 * PAD
        found.append(SizedCard(content, width, grid))
    return found


def more_text(grid: TileGrid) -> str:
    """Return how many maps are left out, for the end of a title; empty if none is."""
    return f"  +{grid.total - grid.shown}" if grid.total > grid.shown else ""


def _grid(
    content: Content, form: CardSizes, before: SizedCard | None, sheet: Sheet
) -> TileGrid | None:
    """Arrange the values of a card; None for outputs and for what is not known."""
    shape, height = content.shape, int(form.side * sheet.ratio)
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
        int(height * (form.spread if count > 1 else 1)),
        least=round(min(_LEAST_TILE, max(_TINY_TILE, form.side / 3)) * sheet.ratio),
        largest=min(height, _largest_tile(content, before, sheet.ratio)),
        gap=round(_TILE_GAP * sheet.ratio),
        label=round(label * sheet.ratio),
    )
    return map_tiles(shape, room)


def _largest_tile(content: Content, before: SizedCard | None, ratio: float) -> int:
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


# --- in rows -------------------------------------------------------------------------------------


def folded(cards: Sequence[SizedCard], width: float) -> list[list[SizedCard]]:
    """Break the cards into rows, as a text."""
    rows: list[list[SizedCard]] = [[]]
    used = 0.0
    for card in cards:
        if rows[-1] and used + _GAP + card.width > width:
            rows.append([])
        used = card.width + (used + _GAP if rows[-1] else 0)
        rows[-1].append(card)
    return rows


def balanced(cards: Sequence[SizedCard], width: float) -> list[list[SizedCard]]:
    """Break the cards into as few rows as they need, of much the same width."""
    rows = folded(cards, width)
    low, high = max(card.width for card in cards), max(width, 1.0)
    while high - low > 2:
        middle = (low + high) / 2
        if len(folded(cards, middle)) > len(rows):
            low = middle
        else:
            high = middle
    return folded(cards, high)


@dataclass(frozen=True)
class DrawnStage:
    """One block, or the input (without a row), and the place of what it gives.

    `body` is the place of the picture, which lies at `picture` in a grid of tiles, if it is one of
    tiles. `scale` and `feet` are empty where they are not written, and so is `more`, the place that
    says how many maps are left out. `arrow` comes from the stage before, by way of the fold where
    that is in the row above.
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
    more: QRectF
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


def lay_out(
    report: ShapeReport,
    input_shape: Shape,
    room: QSizeF,
    measure: Measure,
    line: float,
    ratio: float,
) -> DrawingLayout:
    """Place the stages so that as much as can be is seen of the pictures in the room.

    `measure` gives the width of a text, `line` the height of its line. Where there is too little
    room, some words are left out, and at last the drawing is higher than the room.
    """
    sheet, contents = Sheet(room, measure, line, ratio), contents_of(report, input_shape)
    return _placed(contents, best_form(contents, sheet), sheet)


def _placed(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> DrawingLayout:
    cards = sized(contents, form, sheet)
    rows = balanced(cards, sheet.inside)
    lengths = [sum(card.width for card in row) + _GAP * (len(row) - 1) for row in rows]
    left = MARGIN + max(0.0, sheet.inside - max(lengths)) / 2
    height = sheet.height(len(rows), form)
    top = LEDGE + max(0.0, sheet.room.height() - height) / 2
    stages: list[DrawnStage] = []
    for row in rows:
        x = left
        for card in row:
            corner = QPointF(round(x), round(top))
            stage = _stage(card, corner, form, sheet)
            if stages:
                stage = replace(stage, arrow=_arrow(stages[-1], stage))
            stages.append(stage)
            x += card.width + _GAP
        top += sheet.card_height(form) + _FOLD
    size = QSizeF(max(lengths) + 2 * MARGIN, height).expandedTo(sheet.room)
    return DrawingLayout(tuple(stages), size, sheet.ratio)


def _stage(sized: SizedCard, corner: QPointF, form: CardSizes, sheet: Sheet) -> DrawnStage:
    line, content, detail = sheet.line, sized.content, form.detail
    card = QRectF(corner.x(), corner.y(), sized.width, sheet.card_height(form))
    x, y, wide = card.x() + PAD, card.y() + PAD, card.width() - 2 * PAD
    title = QRectF(x, y - 2, wide, line)
    body = QRectF(x, y + title.height(), wide, form.side)
    scale = QRectF(x, body.bottom() + BELOW, wide, line if detail.scale and sized.grid else 0)
    y = body.bottom() + BELOW + (line if detail.scale else 0)
    feet = tuple(
        (QRectF(x, y + number * line, wide, line), text)
        for number, text in enumerate(feet_of(content, detail))
    )
    picture = _centred(body, sized.grid, sheet.ratio)
    return DrawnStage(
        content.row,
        content.number,
        content.kind,
        content.shape,
        content.text,
        card,
        title,
        body,
        scale,
        feet,
        QRectF(x, card.bottom() - METER - 1, wide, 3),
        sized.grid,
        picture,
        _more(sized, picture, sheet),
        (),
    )


def _more(sized: SizedCard, picture: QRectF, sheet: Sheet) -> QRectF:
    """Return where is said how many maps are left out: after the last."""
    grid = sized.grid
    if grid is None or grid.shown in (grid.total, math.prod(grid.places)):
        return QRectF()
    x, y = (px / sheet.ratio for px in grid.corner(grid.shown))
    return picture.adjusted(x, y, 0, 0)


def _centred(body: QRectF, grid: TileGrid | None, ratio: float) -> QRectF:
    """Return the place of a picture in the middle of a body, on whole px of the device."""
    if grid is None:
        return body
    wide, high = (size / ratio for size in grid.size)
    x = round((body.center().x() - wide / 2) * ratio) / ratio
    y = round((body.center().y() - high / 2) * ratio) / ratio
    return QRectF(x, y, wide, high)


def _arrow(before: DrawnStage, after: DrawnStage) -> tuple[QPointF, ...]:
    """Lead from one card to the next; into the row below by way of the fold between them."""
    start = QPointF(before.card.right() + 2, before.body.center().y())
    end = QPointF(after.card.left() - 2, after.body.center().y())
    if before.card.top() == after.card.top():
        return start, end
    right, left = start.x() + _GAP / 3, end.x() - _GAP / 2
    middle = before.card.bottom() + _FOLD / 2
    return (
        start,
        QPointF(right, start.y()),
        QPointF(right, middle),
        QPointF(left, middle),
        QPointF(left, end.y()),
        end,
    )
