"""How large the cards of the drawing of a network are, and how much is written on them."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QSizeF

from engine.array_types import Shape, format_shape, is_vector
from engine.model.stack import Row, ShapeReport
from gui.network_drawing.tiles import MapRoom, TileGrid, map_tiles, maps_of, vector_tiles
from gui.widgets.problem_label import CROSS

Kind = Literal["maps", "vector", "outputs", "unknown"]
Measure = Callable[[str], float]

PAD = 6.0  # px within a card
BELOW = 3.0  # px below a picture
METER = 5.0  # px at the foot of a card, for the bar of its gradient
MARGIN, LEDGE = 14.0, 6.0  # px beside all cards; above and below them
_SCALE = "−0.0 … 0.0"  # there is room for it below every picture with a scale
_GAP, _NARROW_GAP = 22.0, 12.0  # px between cards, for the arrow
_FOLD, _LOW_FOLD = 16.0, 8.0  # px between rows
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
    """What is written on the cards, from a height of the pictures on.

    `worth` says how much larger the pictures must be without that which the next one leaves out.
    """

    least: float
    title: bool
    scale: bool
    foot: int  # lines
    brief: bool = False  # titles are numbers alone
    worth: float = math.inf

    @property
    def gap(self) -> float:
        """Px between two cards."""
        return _NARROW_GAP if self.brief or not self.title else _GAP

    @property
    def fold(self) -> float:
        """Px between two rows."""
        return _LOW_FOLD if self.brief or not self.title else _FOLD


_DETAILS = (
    Detail(112, title=True, scale=True, foot=2),
    Detail(56, title=True, scale=True, foot=1),
    Detail(48, title=True, scale=False, foot=1),
    Detail(28, title=True, scale=False, foot=0, worth=2.0),
    Detail(28, title=True, scale=False, foot=0, brief=True, worth=1.25),
    Detail(16, title=False, scale=False, foot=0),
)


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
        lines = detail.title + detail.scale + detail.foot
        return 2 * PAD + METER + form.side + lines * self.line + BELOW

    def height(self, rows: int, form: CardSizes) -> float:
        """Return the height of so many rows of cards."""
        fold = form.detail.fold
        return 2 * LEDGE + rows * (self.card_height(form) + fold) - fold


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


def title_of(content: Content, detail: Detail) -> str:
    """Return what is written above a picture."""
    return str(content.number) if detail.brief and content.number else content.text


def feet_of(content: Content, detail: Detail) -> list[str]:
    """Return what is written below a picture: shape and parameters, in one line or two."""
    shape, *parameters = content.feet
    if detail.foot == 0:
        return []
    if detail.foot == 1:
        return [" · ".join(content.feet)]
    return [shape, *(f"{count} parameters" for count in parameters)][: detail.foot]


# --- how large -----------------------------------------------------------------------------------


def best_form(contents: Sequence[Content], sheet: Sheet, *, worded: bool) -> CardSizes:
    """Choose the form in which most can be seen; `worded` ones keep their words at any rate."""
    details = _DETAILS[:3] if worded else _DETAILS
    form: CardSizes | None = None
    for detail in details:
        if form is not None and form.detail.worth == math.inf:
            break
        other = _form_with(detail, contents, sheet)
        if other is None:
            continue
        if form is None or _seen(contents, other, sheet) > form.detail.worth * _seen(
            contents, form, sheet
        ):
            form = other
        else:
            break
    if form is None:  # it will be higher than the room
        last = _DETAILS[2 if worded else 3]
        return CardSizes(last, last.least, _SPREADS[1])
    return _with_long_titles(contents, form, sheet)


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
    rows = folded(cards, sheet.inside, form.detail.gap)
    return sheet.height(len(rows), form) <= sheet.room.height()


def sized(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> list[SizedCard]:
    """Give the cards their width, and their pictures a grid."""
    found: list[SizedCard] = []
    detail, side = form.detail, form.side
    for content in contents:
        grid = _grid(content, form, found[-1] if found else None, sheet)
        body = 0.0 if grid is None else grid.size[0] / sheet.ratio
        if content.kind == "outputs":
            body = max(0.8 * side, _OUTPUTS if detail.title else side)
        elif content.kind == "unknown":
            failing = content.row is not None and content.row.problem is not None
            body = _REASON if failing and detail.title else side
        texts = []
        if detail.title:
            more = "" if grid is None or not detail.brief else more_text(grid)
            texts = [min(form.longest, sheet.measure(f"{title_of(content, detail)}{more}"))]
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
    label = 0 if form.detail.brief else sheet.measure(f"+{count}") + 2
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


def folded(cards: Sequence[SizedCard], width: float, gap: float) -> list[list[SizedCard]]:
    """Break the cards into rows, as a text."""
    rows: list[list[SizedCard]] = [[]]
    used = 0.0
    for card in cards:
        if rows[-1] and used + gap + card.width > width:
            rows.append([])
        used = card.width + (used + gap if rows[-1] else 0)
        rows[-1].append(card)
    return rows


def balanced(cards: Sequence[SizedCard], width: float, gap: float) -> list[list[SizedCard]]:
    """Break the cards into as few rows as they need, of much the same width."""
    rows = folded(cards, width, gap)
    low, high = max(card.width for card in cards), max(width, 1.0)
    while high - low > 2:
        middle = (low + high) / 2
        if len(folded(cards, middle, gap)) > len(rows):
            low = middle
        else:
            high = middle
    return folded(cards, high, gap)
