"""How the drawing of a stack is painted: on the screen, and as SVG and PNG for a file."""

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from engine.array_types import Shape
from engine.model.stack import ShapeReport
from gui.network_drawing.layout import LEGEND, DrawingLayout, DrawnStage, lay_out
from gui.storage import picture_export
from gui.theme import LIGHT, Colours, kind_colour, mixed
from gui.widgets.elision import elide
from gui.widgets.problem_label import CROSS

_INPUT_COLOUR = "#6B7280"


def drawing_of(report: ShapeReport, input_shape: Shape) -> DrawingLayout:
    """Place the drawing of a stack, with the font in which it is painted."""
    metrics = QFontMetricsF(picture_export.file_font())
    return lay_out(report, input_shape, metrics.horizontalAdvance, metrics.height())


def paint(
    painter: QPainter, drawing: DrawingLayout, colours: Colours, selection: Collection[int] = ()
) -> None:
    """Paint all stages; those of the selected slots are highlighted, a failing one is marked."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(picture_export.file_font())
    for stage in drawing.stages:
        _paint_ground(painter, stage, colours, selection)
    for stage in drawing.stages:
        _paint_stage(painter, stage, colours)
    painter.setPen(QColor(colours.muted))
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(drawing.legend, left | Qt.TextFlag.TextDontClip, LEGEND)


def to_svg(drawing: DrawingLayout, title: str) -> bytes:
    """Draw a stack on white as SVG."""
    return picture_export.to_svg(_size(drawing), partial(_paint_for_file, drawing), title, LEGEND)


def to_png(drawing: DrawingLayout) -> bytes:
    """Draw a stack on white as PNG."""
    return picture_export.to_png(_size(drawing), partial(_paint_for_file, drawing))


def _paint_for_file(drawing: DrawingLayout, painter: QPainter) -> None:
    paint(painter, drawing, LIGHT)


def _size(drawing: DrawingLayout) -> QSize:
    return QSize(round(drawing.width), round(drawing.height))


def _paint_ground(
    painter: QPainter, stage: DrawnStage, colours: Colours, selection: Collection[int]
) -> None:
    if stage.row is None or stage.row.slot.id not in selection:
        return
    ground = QColor(colours.highlight)
    ground.setAlphaF(0.2)
    painter.setPen(QPen(QColor(colours.link), 1.5))
    painter.setBrush(ground)
    painter.drawRoundedRect(stage.area.adjusted(1, 1, -1, -1), 4, 4)


def _paint_stage(painter: QPainter, stage: DrawnStage, colours: Colours) -> None:
    failing = stage.row is not None and stage.row.problem is not None
    ink = QColor(colours.error if failing else colours.text)
    metrics = QFontMetricsF(painter.font())
    centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
    if stage.arrow is not None:
        _paint_arrow(painter, *stage.arrow, QColor(colours.muted))
    painter.setPen(ink)
    cut = elide(stage.text, metrics, stage.label.width())
    painter.drawText(stage.label, centred, cut)
    if stage.shape_text == "?":
        _paint_placeholder(painter, stage.tiles[0], failing, colours)
        return
    group = "" if stage.row is None else stage.row.slot.block.group
    colour = kind_colour(group) if group else QColor(_INPUT_COLOUR)
    painter.setPen(QPen(colour.darker(115), 1))
    painter.setBrush(mixed(colour, QColor(colours.base), 0.45))  # solid: a tile hides others
    for tile in stage.tiles:
        painter.drawRect(tile)
    if failing:
        painter.setPen(QPen(QColor(colours.error), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(stage.tiles[0].united(stage.tiles[-1]).adjusted(-4, -4, 4, 4))
    painter.setPen(QColor(colours.muted))
    painter.drawText(stage.shape, centred, stage.shape_text)


def _paint_placeholder(painter: QPainter, box: QRectF, failing: bool, colours: Colours) -> None:
    """Draw a dashed box for values whose shape is not known."""
    ink = QColor(colours.error if failing else colours.muted)
    painter.setPen(QPen(ink, 2 if failing else 1, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, CROSS if failing else "?")


def _paint_arrow(painter: QPainter, start: QPointF, end: QPointF, colour: QColor) -> None:
    painter.setPen(QPen(colour, 1))
    painter.drawLine(start, QPointF(end.x() - 5, end.y()))
    painter.setBrush(colour)
    head = [end, QPointF(end.x() - 6, end.y() - 3.5), QPointF(end.x() - 6, end.y() + 3.5)]
    painter.drawPolygon(QPolygonF(head))
