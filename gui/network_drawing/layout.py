"""Where the parts of the drawing of a network are: a card for each block, folded like a text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

from engine.array_types import Shape, format_shape
from engine.model.stack import Row, ShapeReport
from gui.network_drawing.sizing import (
    BELOW,
    LEDGE,
    MARGIN,
    METER,
    PAD,
    CardSizes,
    Content,
    Kind,
    Measure,
    Sheet,
    SizedCard,
    balanced,
    best_form,
    contents_of,
    feet_of,
    more_text,
    sized,
    title_of,
)
from gui.network_drawing.tiles import TileGrid


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
    *,
    worded: bool = False,
) -> DrawingLayout:
    """Place the stages so that as much as can be is seen of the pictures in the room.

    `measure` gives the width of a text, `line` the height of its line. Where there is too little
    room, words are left out, unless it shall be `worded`; then the drawing is higher than the room.
    """
    sheet, contents = Sheet(room, measure, line, ratio), contents_of(report, input_shape)
    return _placed(contents, best_form(contents, sheet, worded=worded), sheet)


def _placed(contents: Sequence[Content], form: CardSizes, sheet: Sheet) -> DrawingLayout:
    cards, detail = sized(contents, form, sheet), form.detail
    rows = balanced(cards, sheet.inside, detail.gap)
    lengths = [sum(card.width for card in row) + detail.gap * (len(row) - 1) for row in rows]
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
                stage = replace(stage, arrow=_arrow(stages[-1], stage, detail.gap, detail.fold))
            stages.append(stage)
            x += card.width + detail.gap
        top += sheet.card_height(form) + detail.fold
    size = QSizeF(max(lengths) + 2 * MARGIN, height).expandedTo(sheet.room)
    return DrawingLayout(tuple(stages), size, sheet.ratio)


def _stage(sized: SizedCard, corner: QPointF, form: CardSizes, sheet: Sheet) -> DrawnStage:
    line, content, detail = sheet.line, sized.content, form.detail
    card = QRectF(corner.x(), corner.y(), sized.width, sheet.card_height(form))
    x, y, wide = card.x() + PAD, card.y() + PAD, card.width() - 2 * PAD
    title = QRectF(x, y - 2, wide, line if detail.title else 0)
    body = QRectF(x, y + title.height(), wide, form.side)
    scale = QRectF(x, body.bottom() + BELOW, wide, line if detail.scale and sized.grid else 0)
    y = body.bottom() + BELOW + (line if detail.scale else 0)
    feet = tuple(
        (QRectF(x, y + number * line, wide, line), text)
        for number, text in enumerate(feet_of(content, detail))
    )
    picture = _centred(body, sized.grid, sheet.ratio)
    more = _more(sized, title, picture, form, sheet)
    if detail.brief:
        title.setRight(more.left() if more.width() else title.right())
    return DrawnStage(
        content.row,
        content.number,
        content.kind,
        content.shape,
        title_of(content, detail),
        card,
        title,
        body,
        scale,
        feet,
        QRectF(x, card.bottom() - METER - 1, wide, 3),
        sized.grid,
        picture,
        more,
        (),
    )


def _more(
    sized: SizedCard, title: QRectF, picture: QRectF, form: CardSizes, sheet: Sheet
) -> QRectF:
    """Return where is said how many maps are left out: beside a short title, or after the last."""
    grid = sized.grid
    if grid is None or grid.shown == grid.total:
        return QRectF()
    if form.detail.brief:
        wide = sheet.measure(more_text(grid))
        return QRectF(title.right() - wide, title.top(), wide, title.height())
    if grid.shown == math.prod(grid.places):
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
