"""How the drawing of a network is painted: what stays, and what changes with every step."""

import math
from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF

from gui.network_drawing.layout import DrawingLayout, DrawnStage, more_text
from gui.network_drawing.stage_pictures import MAPS, StagePicture, strongest
from gui.storage.export_actions import file_font
from gui.theme import Colours, kind_colour, mixed, readable
from gui.widgets.class_outputs import PREDICTED, TRUE, ClassOutput
from gui.widgets.colour_bar import lookup_table, paint_colours
from gui.widgets.elision import elide, elide_name
from gui.widgets.icons import icon
from gui.widgets.number_words import briefest, short
from gui.widgets.problem_label import CROSS

DECADES = 6  # of the gradient that a bar shows
_INPUT_COLOUR = QColor("#6B7280")
_LOCK, _CHIP = 11, 5  # px
_LEAST_BAR = 10  # px of the colours of a scale
_CENTRED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
_WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MOST_NAME = 0.6  # of the width, that the names of classes take
_LOWEST_ROW, _HIGHEST_ROW = 11.0, 24.0  # px of an output


# --- what stays ----------------------------------------------------------------------------------


def paint_cards(painter: QPainter, layout: DrawingLayout, colours: Colours) -> None:
    """Paint frames, texts and arrows."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(file_font())
    for stage in layout.stages:
        if stage.arrow:
            _paint_arrow(painter, stage.arrow, QColor(colours.muted))
    for stage in layout.stages:
        _paint_card(painter, stage, colours, layout)


def colour_of(stage: DrawnStage) -> QColor:
    """Return the colour of a stage's kind of block."""
    return _INPUT_COLOUR if stage.row is None else kind_colour(stage.row.slot.block.group)


def _paint_card(
    painter: QPainter, stage: DrawnStage, colours: Colours, layout: DrawingLayout
) -> None:
    row, metrics = stage.row, QFontMetricsF(painter.font())
    failing = row is not None and row.problem is not None and not row.problem.is_unfinished
    unknown = stage.kind == "unknown"
    dashed = unknown and not failing
    line = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(QColor(colours.error if failing else colours.border), 1 + failing, line))
    painter.setBrush(QColor(colours.alternate))
    painter.drawRoundedRect(stage.card.adjusted(0.75, 0.75, -0.75, -0.75), 8, 8)
    ink = colours.error if failing else colours.muted if unknown else colours.text
    painter.setPen(QColor(ink))
    if stage.title.height():
        room = stage.title.adjusted(0, 0, -_LOCK if row is not None and row.slot.locked else 0, 0)
        title = title_within(stage, metrics, room.width())
        painter.drawText(room, _CENTRED, title)
        left = room.center().x() - metrics.horizontalAdvance(title) / 2 - _CHIP - 4
        if left > stage.card.left() + 2:
            chip = QRectF(left, room.center().y() - _CHIP, _CHIP, 2 * _CHIP)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour_of(stage))
            painter.drawRoundedRect(chip, 2, 2)
            painter.setPen(QColor(ink))
    if row is not None and row.slot.locked:
        corner = QPointF(stage.card.right() - _LOCK - 4, stage.card.top() + 4).toPoint()
        lock = QRectF(corner.x(), corner.y(), _LOCK, _LOCK).toRect()
        icon("lock", QPalette.ColorRole.PlaceholderText).paint(painter, lock)
    if unknown:
        _paint_reason(painter, stage, colours, layout)
    painter.setPen(QColor(colours.muted))
    for place, text in stage.feet:
        painter.drawText(place, _CENTRED, text)


def title_within(stage: DrawnStage, metrics: QFontMetricsF, width: float) -> str:
    """Return the title; where there is too little room without its last option or last words."""
    row, text = stage.row, stage.text
    if row is not None and not row.slot.title and metrics.horizontalAdvance(text) > width:
        shorter = text.rpartition(",")[0] or text.rpartition(" to ")[0]
        if shorter and metrics.horizontalAdvance(shorter) <= width:
            return shorter
    return elide(text, metrics, width)


def _paint_reason(
    painter: QPainter, stage: DrawnStage, colours: Colours, layout: DrawingLayout
) -> None:
    """Say in the place of the picture why there is none."""
    row = stage.row
    if row is None:
        return
    if row.problem is not None:
        # The rest stands in the block's row.
        texts = (row.problem.predicate.split(". ")[0], "does not fit", CROSS)
    else:
        first = next((s.number for s in layout.stages if s.row and s.row.problem), None)
        texts = ("" if first is None else f"waits for block {first}", "waits", "?")
    painter.setPen(QColor(colours.error if row.problem is not None else colours.muted))
    painter.drawText(stage.body, _WRAPPED, fitting_words(painter, texts, stage.body))


def fitting_words(painter: QPainter, texts: Sequence[str], place: QRectF) -> str:
    """Return the first text that fits into a place, broken into lines; else the last."""
    for text in texts[:-1]:
        needed = painter.boundingRect(place, _WRAPPED, text).size()
        if text and needed.width() <= place.width() and needed.height() <= place.height():
            return text
    return texts[-1]


def _paint_arrow(painter: QPainter, way: Sequence[QPointF], colour: QColor) -> None:
    end = way[-1]
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline([*way[:-1], QPointF(end.x() - 5, end.y())])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    head = [end, QPointF(end.x() - 6, end.y() - 3.5), QPointF(end.x() - 6, end.y() + 3.5)]
    painter.drawPolygon(QPolygonF(head))


# --- what changes --------------------------------------------------------------------------------


def paint_pictures(
    painter: QPainter,
    layout: DrawingLayout,
    pictures: Sequence[StagePicture | None],
    colours: Colours,
) -> None:
    """Paint what each block makes of the digit."""
    painter.setFont(file_font())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for stage, picture in zip(layout.stages, pictures, strict=True):
        if picture is None:
            continue
        if picture.image is not None:
            painter.drawImage(stage.picture.topLeft(), picture.image)
            _paint_more(painter, stage, colours)
        if picture.outputs:
            _paint_outputs(painter, stage.body, picture.outputs, colours)
        if stage.scale.height() and picture.levels is not None:
            _paint_scale(painter, stage.scale, picture.levels, colours)


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


def gradient_share(norm: float, largest: float) -> float:
    """Return how long a gradient's bar is: all of it for the largest, less for each power of 10."""
    if not (math.isfinite(norm) and norm > 0 and largest > 0):
        return 0.0
    return min(1.0, max(0.0, 1 + math.log10(norm / largest) / DECADES))


def paint_selection(
    painter: QPainter, layout: DrawingLayout, colours: Colours, selection: Collection[int]
) -> None:
    """Frame the cards of the selected blocks."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours.link), 3))
    for stage in layout.stages:
        if stage.row is not None and stage.row.slot.id in selection:
            painter.drawRoundedRect(stage.card.adjusted(-1, -1, 1, 1), 6, 6)


def paint_glow(
    painter: QPainter, layout: DrawingLayout, strengths: Mapping[int, float], colour: QColor
) -> None:
    """Let some cards, by number, and the ways to them glow, each so strongly from 0 to 1."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, strength in strengths.items():
        stage, glow = layout.stages[number], QColor(colour)
        glow.setAlphaF(strength)
        painter.setPen(QPen(glow, 3))
        painter.drawRoundedRect(stage.card.adjusted(-1, -1, 1, 1), 6, 6)
        if stage.arrow:
            painter.drawPolyline(list(stage.arrow))


def _paint_more(painter: QPainter, stage: DrawnStage, colours: Colours) -> None:
    """Say how many maps are left out."""
    if stage.grid is None or not stage.more.width():
        return
    painter.setPen(QColor(colours.muted))
    painter.drawText(stage.more, _CENTRED, more_text(stage.grid).strip())


def _paint_scale(
    painter: QPainter, place: QRectF, levels: tuple[float, float], colours: Colours
) -> None:
    """Write the ends of a scale beside a slim bar of its colours."""
    low, high = (short(value, 2) for value in levels)
    metrics = QFontMetricsF(painter.font())
    left, right = metrics.horizontalAdvance(low) + 4, metrics.horizontalAdvance(high) + 4
    painter.setPen(QColor(colours.muted))
    bar = QRectF(place.x() + left, place.center().y() - 3, place.width() - left - right, 6)
    if bar.width() < _LEAST_BAR:  # a narrow card has room for the numbers alone
        words = elide(" … ".join(map(briefest, levels)), metrics, place.width())
        painter.drawText(place, _CENTRED, words)
        return
    painter.drawText(place, _LEFT, low)
    painter.drawText(place, _RIGHT, high)
    paint_colours(painter, bar, lookup_table(MAPS))


def _paint_outputs(
    painter: QPainter, body: QRectF, outputs: Sequence[ClassOutput], colours: Colours
) -> None:
    """Paint a bar for each class: all of them, or the largest ones and the true one."""
    most = max(1, int(body.height() // _LOWEST_ROW))
    shown = strongest(outputs, most if len(outputs) <= most else max(1, most - 1))
    lines = len(shown) + (len(shown) < len(outputs))
    high = min(_HIGHEST_ROW, body.height() / lines)
    font = painter.font()
    font.setPixelSize(max(8, min(font.pixelSize(), int(high) - 1)))
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    marks = metrics.horizontalAdvance(PREDICTED + TRUE)
    names = max(metrics.horizontalAdvance(str(row.name)) for row in shown)
    names = min(names, _MOST_NAME * body.width() - marks)
    numbers = metrics.horizontalAdvance("0.000 ")
    left = body.x() + marks + names + 4
    right = body.right() - (numbers if body.width() > 90 else 0)
    span = _Span(left, right, min(0.0, *_finite(shown)), max(1.0, *_finite(shown)))
    known = any(row.true for row in outputs)
    y = body.center().y() - lines * high / 2
    cut = [elide_name(row.name, metrics, names + 1) for row in shown]
    for row, name in zip(shown, cut, strict=True):
        place = QRectF(body.x(), y, body.width(), high)
        _paint_output(painter, place, row, name, span, colours, wrong=row.predicted and known)
        y += high
    if len(shown) < len(outputs):
        painter.setPen(QColor(colours.muted))
        rest = QRectF(body.x(), y, body.width(), high)
        painter.drawText(rest, _CENTRED, f"+{len(outputs) - len(shown)}")
    painter.setFont(file_font())


class _Span:
    """Where the bars of outputs begin and end, and for which values."""

    def __init__(self, left: float, right: float, low: float, high: float) -> None:
        self.left, self.right, self._low, self._high = left, right, low, high

    def x(self, value: float) -> float:
        """Return where a value lies."""
        share = (value - self._low) / (self._high - self._low)
        return self.left + share * (self.right - self.left)


def _finite(rows: Sequence[ClassOutput]) -> list[float]:
    return [row.value for row in rows if math.isfinite(row.value)] or [0.0]


def _paint_output(
    painter: QPainter,
    place: QRectF,
    row: ClassOutput,
    name: str,
    span: _Span,
    colours: Colours,
    *,
    wrong: bool,
) -> None:
    wrong = wrong and not row.true
    track = QRectF(span.left, place.y() + 1, span.right - span.left, place.height() - 2)
    painter.fillRect(track, mixed(QColor(colours.border), QColor(colours.base), 0.35))
    value = row.value if math.isfinite(row.value) else 0.0
    ends = sorted((span.x(0.0), span.x(value)))
    bar = QRectF(ends[0], track.y(), ends[1] - ends[0], track.height())
    # Not as elsewhere: here orange is Dense, and blue Conv.
    colour = colours.error if wrong else colours.text if row.predicted else colours.muted
    painter.fillRect(bar, QColor(colour))
    painter.setPen(QColor(colours.error if wrong else colours.text))
    marks = f"{PREDICTED if row.predicted else ''}{TRUE if row.true else ''}"
    painter.drawText(place, _LEFT, marks)
    painter.drawText(place.adjusted(0, 0, span.left - 3 - place.right(), 0), _RIGHT, name)
    if span.right < place.right():
        painter.drawText(place, _RIGHT, row.number())
