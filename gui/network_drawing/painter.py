"""How the living network is painted: what stays, and what changes with every step."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPalette, QPen

from gui.network_drawing.block_values import BlockValues
from gui.network_drawing.layout import CHIP, DrawingLayout, DrawnStage, brief_title
from gui.network_drawing.links import Link
from gui.network_drawing.stage_pictures import StagePicture, strongest
from gui.storage.export_actions import file_font
from gui.theme import ROUND, Colours, draw_round, kind_colour, mixed, readable
from gui.widgets.arcs import paint_arc
from gui.widgets.colour_scale import lookup_table, takes_black
from gui.widgets.icons import icon
from gui.widgets.labels import CROSS, elide, elide_name
from gui.widgets.pictures import paint_edge
from gui.widgets.sample_names import TRUE, ClassOutput

DECADES = 6  # of the gradient that a bar shows
SIGNED = "CET-D1"  # the colours of weights
_WASH = 0.3  # of its colour that lies on a block
HEAT = "plasma"  # those of a number for each block
_INPUT_COLOUR = QColor("#6B7280")
_LOCK = 11  # px
_CENTRED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
_WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_LEAST_ROW = 14.0  # px of an output, where only the strongest have a place
_FAINT, _STRONG = 0.24, 0.85  # of the colour of a line: of the weakest and of the strongest
_THIN, _THICK = 1.0, 2.4  # px


# --- what stays ----------------------------------------------------------------------------------


def paint_columns(
    painter: QPainter, layout: DrawingLayout, links: Sequence[Sequence[Link]], colours: Colours
) -> Iterator[None]:
    """Paint lines, titles and shapes; each step is a column and the lines from it to the next."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(file_font())
    for _, way in layout.arcs:
        paint_arc(painter, way, QColor(colours.window), strong=False)
    empty = QColor(colours.alternate)
    for stage in layout.stages:
        for after in layout.stages[stage.number + 1 : stage.number + 2]:
            if after.fold:
                painter.setPen(QPen(QColor(colours.border), 1.5))
                painter.drawPolyline(list(after.fold))
            else:
                paint_links(painter, stage, after, links[after.number], colours)
        if stage.kind == "maps":  # what stands for the pictures until they are there
            for tile in range(stage.tiles):
                painter.fillRect(stage.tile(tile), empty)
        _paint_column(painter, stage, colours, layout)
        yield


def paint_links(
    painter: QPainter,
    before: DrawnStage,
    stage: DrawnStage,
    links: Iterable[Link],
    colours: Colours,
    ink: QColor | None = None,
) -> None:
    """Paint lines to a stage, in colours of their signs or in one ink."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pens: dict[float, QPen] = {}
    for link in links:
        if link.strength not in pens:
            pens[link.strength] = _pen(link.strength, stage, colours, ink)
        painter.setPen(pens[link.strength])
        source, target = before.tile(link.source), stage.tile(link.target)
        start, end = source.right() + 1, target.left() - 1
        middle, y1, y2 = (start + end) / 2, source.center().y(), target.center().y()
        path = QPainterPath(QPointF(start, y1))
        path.cubicTo(middle, y1, middle, y2, end, y2)
        painter.drawPath(path)


def _pen(strength: float, stage: DrawnStage, colours: Colours, ink: QColor | None) -> QPen:
    """Return the pen of a line: that of a weight has the colour of its sign."""
    size, ground = abs(strength), QColor(colours.window)
    wide = _THIN + (_THICK - _THIN) * size
    if ink is not None:
        return QPen(ink, 1.5 * wide)
    if stage.kind == "maps" or not strength:
        return QPen(mixed(QColor(colours.muted), ground, _FAINT + (0.5 - _FAINT) * size), wide)
    ink = sign_ink(strength > 0, ground)
    return QPen(mixed(ink, ground, _FAINT + (_STRONG - _FAINT) * size), wide)


def sign_ink(positive: bool, ground: QColor) -> QColor:
    """Return the colour of the lines of positive or negative weights."""
    return readable(QColor(*map(int, lookup_table(SIGNED)[-1 if positive else 0])), ground)


def colour_of(stage: DrawnStage) -> QColor:
    """Return the colour of a stage's kind of block."""
    return _INPUT_COLOUR if stage.row is None else kind_colour(stage.row.slot.block.group)


def _paint_column(
    painter: QPainter, stage: DrawnStage, colours: Colours, layout: DrawingLayout
) -> None:
    row, metrics = stage.row, QFontMetricsF(painter.font())
    failing = row is not None and row.problem is not None and not row.problem.is_unfinished
    unknown = stage.kind == "unknown"
    if unknown:
        dashes = Qt.PenStyle.SolidLine if failing else Qt.PenStyle.DashLine
        edge = QPen(QColor(colours.wrong if failing else colours.outline), 1, dashes)
        box = stage.body.adjusted(0.5, 0.5, -0.5, -0.5)
        draw_round(painter, box, ROUND, QColor(colours.alternate), edge)
        _paint_reason(painter, stage, colours, layout)
    ink = QColor(colours.wrong if failing else colours.muted if unknown else colours.text)
    locked = row is not None and row.slot.locked
    room = stage.title.width() - CHIP - (_LOCK + 2 if locked else 0)
    title = title_within(stage, metrics, room)
    long = metrics.horizontalAdvance(title)
    left = stage.title.center().x() - (long + CHIP + (_LOCK + 2 if locked else 0)) / 2
    chip = QRectF(left, stage.title.center().y() - 5, 4, 10)
    draw_round(painter, chip, 2, colour_of(stage))
    place = QRectF(left + CHIP, stage.title.y(), long + 1, stage.title.height())
    painter.setPen(ink)
    painter.drawText(place, _CENTRED, title)
    if locked:
        lock = QRectF(place.right() + 2, place.center().y() - _LOCK / 2, _LOCK, _LOCK)
        icon("lock", QPalette.ColorRole.PlaceholderText).paint(painter, lock.toRect())
    if stage.foot.height():
        painter.setPen(QColor(colours.muted))
        painter.drawText(stage.foot, _CENTRED, stage.shape_text)


def title_within(stage: DrawnStage, metrics: QFontMetricsF, width: float) -> str:
    """Return the title; where there is too little room without its last option or last words."""
    if metrics.horizontalAdvance(stage.text) <= width:
        return stage.text
    return elide(brief_title(stage.text, stage.row), metrics, width + 1)


def _paint_reason(
    painter: QPainter, stage: DrawnStage, colours: Colours, layout: DrawingLayout
) -> None:
    """Write in the place of the picture why there is none."""
    row = stage.row
    assert row is not None
    if row.problem is not None:
        # The rest stands in the block's row.
        texts = (row.problem.predicate.split(". ")[0], "does not fit", CROSS)
    else:
        first = next((s.number for s in layout.stages if s.row and s.row.problem), None)
        texts = ("" if first is None else f"waits for block {first}", "waits", "?")
    failing = row.problem is not None and not row.problem.is_unfinished
    painter.setPen(QColor(colours.wrong if failing else colours.muted))
    painter.drawText(stage.body, _WRAPPED, fitting_words(painter, texts, stage.body))


def fitting_words(painter: QPainter, texts: Sequence[str], place: QRectF) -> str:
    """Return the first text that fits into a place, broken into lines; else the last."""
    for text in texts[:-1]:
        needed = painter.boundingRect(place, _WRAPPED, text).size()
        if text and needed.width() <= place.width() and needed.height() <= place.height():
            return text
    return texts[-1]


# --- what changes --------------------------------------------------------------------------------


def paint_pictures(
    painter: QPainter,
    layout: DrawingLayout,
    pictures: Sequence[StagePicture | None],
    colours: Colours,
) -> None:
    """Paint what each block makes of the image."""
    painter.setFont(file_font())
    for stage, picture in zip(layout.stages, pictures, strict=True):
        if picture is None:
            continue
        if picture.image is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawImage(stage.picture.topLeft(), picture.image)
            if stage.row is None:
                paint_edge(painter, stage.tile(0), colours.border)
            if stage.more.width() and stage.grid is not None:
                painter.setPen(QColor(colours.muted))
                left_out = stage.grid.total - stage.grid.count
                painter.drawText(stage.more, _CENTRED, f"+{left_out}")
        if picture.outputs:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint_outputs(painter, stage, picture.outputs, layout.size.width() - 4, colours)


def paint_gradients(
    painter: QPainter, layout: DrawingLayout, gradients: Mapping[int, float], colours: Colours
) -> None:
    """Paint a bar for the gradient of each block that learns, the logarithm of its norm."""
    largest = max((norm for norm in gradients.values() if math.isfinite(norm)), default=0.0)
    for stage in layout.stages:
        norm = None if stage.row is None else gradients.get(stage.row.slot.id)
        if norm is None or stage.kind == "unknown":
            continue
        colour = readable(colour_of(stage), QColor(colours.base))
        painter.fillRect(stage.meter, mixed(colour, QColor(colours.base), 0.2))
        bar = QRectF(stage.meter)
        bar.setWidth(bar.width() * gradient_share(norm, largest))
        painter.fillRect(bar, colour)


def paint_values(
    painter: QPainter, layout: DrawingLayout, values: BlockValues, colours: Colours
) -> None:
    """Write the number of each block over its shape, or over its title where that has no room."""
    painter.setFont(file_font())
    table, rim = lookup_table(HEAT), QPen(QColor(colours.outline), 1)
    for stage in layout.stages[1:]:
        assert stage.row is not None
        value = values.of.get(stage.row.slot.id, math.nan)
        if math.isnan(value) and not stage.foot.height():
            continue
        line = stage.foot if stage.foot.height() else stage.title
        place = line.adjusted(0.5, 0.5, -0.5, -0.5)
        ink, ground = QColor(colours.muted), QColor(colours.alternate)
        if not math.isnan(value):
            rgb = table[round(255 * values.share(value))]
            ink = QColor("black" if takes_black(rgb) else "white")
            ground = QColor(*map(int, rgb))
            wash = QColor(ground)
            wash.setAlphaF(_WASH)
            draw_round(painter, stage.body.adjusted(-3, -3, 3, 3), ROUND, wash)
        draw_round(painter, place, place.height() / 2, ground, rim)
        painter.setPen(ink)
        painter.drawText(place, _CENTRED, values.text(stage.row.slot.id))


def gradient_share(norm: float, largest: float) -> float:
    """Return how long a gradient's bar is: all of it for the largest, less for each power of 10."""
    if not (math.isfinite(norm) and norm > 0 and largest > 0):
        return 0.0
    return min(1.0, max(0.0, 1 + math.log10(norm / largest) / DECADES))


def paint_selection(
    painter: QPainter, layout: DrawingLayout, colours: Colours, selection: Collection[int]
) -> None:
    """Frame the columns of the selected blocks."""
    pen = QPen(QColor(colours.link), 2)
    for stage in layout.stages:
        if stage.row is not None and stage.row.slot.id in selection:
            picture = stage.picture if stage.grid or stage.pitch else stage.body
            texts = stage.title.united(stage.foot) if stage.foot.height() else stage.title
            draw_round(painter, picture.united(texts).adjusted(-5, -5, 5, 3), ROUND, edge=pen)


def _paint_outputs(
    painter: QPainter,
    stage: DrawnStage,
    outputs: Sequence[ClassOutput],
    widest: float,
    colours: Colours,
) -> None:
    """Paint a circle for each class, as full as its output; of many the largest and the true.

    Names go as far as `widest`.
    """
    shown = list(outputs)
    places = [stage.tile(number) for number in range(stage.tiles)]
    if len(places) != len(outputs):
        shown = strongest(outputs, max(1, int(stage.body.height() / _LEAST_ROW) - 1))
        place = QRectF(stage.body.left(), 1, _LEAST_ROW - 2, _LEAST_ROW - 2)
        top = stage.body.center().y() - _LEAST_ROW * len(shown) / 2
        places = [place.translated(0, top + _LEAST_ROW * row) for row in range(len(shown))]
    metrics = QFontMetricsF(painter.font())
    largest = max((row.value for row in shown if math.isfinite(row.value)), default=1.0) or 1.0
    for row, place in zip(shown, places, strict=True):
        full = min(1.0, max(0.0, row.value / max(1.0, largest))) if math.isfinite(row.value) else 0
        ink = QColor(
            colours.wrong if row.wrong else colours.pinned if row.predicted else colours.muted
        )
        painter.setPen(QPen(ink if row.predicted else QColor(colours.outline), 1.2))
        painter.setBrush(mixed(ink, QColor(colours.base), full))
        painter.drawEllipse(place.adjusted(0.6, 0.6, -0.6, -0.6))
        font = file_font()
        font.setBold(row.predicted)
        painter.setFont(font)
        painter.setPen(QColor(colours.wrong if row.wrong else colours.text))
        mark = TRUE if row.true else row.marks()
        name = f"{row.name} {mark}".strip()
        left = place.right() + 5
        text = QRectF(left, place.center().y() - 12, widest - left, 24)
        painter.drawText(text, _LEFT, elide_name(name, metrics, text.width()))
    painter.setFont(file_font())
    if len(shown) < len(outputs):
        painter.setPen(QColor(colours.muted))
        below = QRectF(stage.body.left(), places[-1].bottom() + 1, stage.body.width(), _LEAST_ROW)
        painter.drawText(below, _LEFT, f"+{len(outputs) - len(shown)}")
