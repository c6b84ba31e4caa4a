"""A canvas for white ink on black, or colours on paper: strokes, pictures, undo and redo."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QMimeData, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data.image_files.image_decoding import MOST_BYTES, decode_rgba, why_refused
from engine.data.image_files.listing import ENDINGS
from engine.errors import DataError
from engine.files.untrusted_read import read_file
from gui.theme import GRID, colours_of, small_font
from gui.widgets.colour_scale import takes_black
from gui.widgets.pictures import Bytes, paint_frame

PICTURE_FILTER = f"Pictures ({' '.join(f'*{ending}' for ending in ENDINGS)})"
DROPPED = ENDINGS  # what other files are, the window may know
SIDE = 280  # px of the ink, whatever the size on the screen: ten to a pixel of MNIST
BRUSH = 24  # px of the ink: like a stroke of MNIST when the digit is 200 px high
_KEPT = 200  # steps that can be undone
_DIM = 0.45  # of the ink, while the drawing is not what is looked at
INK, PAPER = "#ffffff", "#000000"  # of grey images
DIGIT, PICTURE = "digit", "picture"  # what is drawn
_TITLE = "Draw a {what} here"
_HOW = (
    "with the mouse or a pen;\nthe right button erases.\n\n"
    "Or load, drop or paste\na picture{of_what}."
)
# With these the focus comes back to where it was, or a press follows that says the same.
_NO_ARRIVAL = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MouseFocusReason,
)


def find_picture(data: QMimeData, endings: tuple[str, ...] = ("",)) -> Path | QImage | None:
    """Find a picture in what was dragged or copied: one file whose name ends so, or pixels."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if len(paths) == 1 and paths[0].name.lower().endswith(endings):
        return paths[0]
    return QImage(data.imageData()) if data.hasImage() else None


def read_picture(path: Path) -> QImage:
    """Read an image file as those of data sets are read.

    Raises DataError if it is none, is no file, is damaged, or is too large.
    """
    data = read_file(path, MOST_BYTES, DataError)
    try:
        rgba = decode_rgba(io.BytesIO(data))
    except Exception as fault:  # Pillow raises what it likes
        raise DataError(f"{path.name}: {why_refused(fault)} Choose another picture.") from fault
    height, width, _ = rgba.shape
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def grey_values(image: QImage, side: int) -> Bytes:
    """Turn a picture into grey values (h, w) that fit into a square of `side`.

    Where it is transparent it gets the paper that its ink needs: light for dark ink, else dark.
    Small pictures are enlarged pixel by pixel, so that nothing is blurred.
    """
    image = _scaled(image, side)
    pixels = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(pixels.constBits(), np.uint8).reshape(pixels.height(), -1)
    rgba = rows[:, : 4 * pixels.width()].reshape(pixels.height(), pixels.width(), 4).astype(float)
    grey = rgba[:, :, :3] @ [0.299, 0.587, 0.114]
    cover = rgba[:, :, 3] / 255
    if cover.min() < 1 and cover.any():
        paper = 0.0 if (grey * cover).sum() / cover.sum() > 127.5 else 255.0
        grey = grey * cover + paper * (1 - cover)
    values: Bytes = grey.round().astype(np.uint8)
    return values


def colour_values(image: QImage, side: int, paper: str) -> Bytes:
    """Turn a picture into colours (side, side, 3): as large as it fits, in the middle of paper."""
    image = _scaled(image, side)
    square = QImage(side, side, QImage.Format.Format_RGB888)
    square.fill(QColor(paper))
    painter = QPainter(square)
    painter.drawImage((side - image.width()) // 2, (side - image.height()) // 2, image)
    painter.end()
    rows = np.frombuffer(square.constBits(), np.uint8).reshape(side, -1)
    return rows[:, : 3 * side].reshape(side, side, 3).copy()


def _scaled(image: QImage, side: int) -> QImage:
    """Return a picture as large as it fits into a square; pixels stay pixels where it grows."""
    modes = Qt.TransformationMode
    larger = max(image.width(), image.height()) > side
    mode = modes.SmoothTransformation if larger else modes.FastTransformation
    return image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)


def in_square(ink: Bytes, side: int) -> Bytes:
    """Put ink (h, w) into the middle of a square of paper."""
    square = np.zeros((side, side), dtype=np.uint8)
    top, left = ((side - length) // 2 for length in ink.shape)
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return square


@dataclass(frozen=True)
class Stroke:
    """A line through points (x, y), in px of the ink, of a colour; None: it erases."""

    points: tuple[tuple[float, float], ...]
    width: float
    colour: str | None


Mark = Stroke | Bytes  # ink (SIDE, SIDE), or a picture (SIDE, SIDE, 3), was not drawn here


class DrawingCanvas(QWidget):
    """Takes strokes with the left button, or a pen that does as the mouse does.

    The right button erases. A ring shows where the brush is, and how wide.
    `inked` is emitted whenever the ink changes, also in the middle of a stroke; `history_changed`
    when another step can be undone or redone. `entered` says that the user came to the canvas by
    the keyboard, or pressed on it while it was dormant: then a click without a movement leaves no
    dot on a drawing.
    """

    inked = Signal()
    history_changed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.brush = BRUSH
        self.ink_colour, self.paper = INK, PAPER
        self.what, self.in_colour = DIGIT, False
        self.dormant = False
        self._hover: QPointF | None = None  # where the brush would draw
        self._waking = False
        self._history: list[tuple[Mark, ...]] = [()]
        self._at = 0
        self._image = self._blank()
        self._points: list[tuple[float, float]] = []
        self._erasing = False
        self.setObjectName("draw.canvas")
        self.setAccessibleName("Canvas for drawing a digit")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(14 * GRID, 14 * GRID)

    # --- how it looks ------------------------------------------------------------------------

    def set_brush(self, width: int) -> None:
        """Draw with a brush of another width, in px of the ink."""
        self.brush = width
        self.update()

    def set_what(self, what: str, *, in_colour: bool = False) -> None:
        """Say what is to be drawn: a `DIGIT` or a `PICTURE`."""
        self.what, self.in_colour = what, in_colour
        self.setAccessibleName(f"Canvas for drawing a {what}")
        self.update()

    def set_paper(self, colour: str) -> None:
        """Draw on paper of another colour; what is drawn stays."""
        if colour != self.paper:
            self.paper = colour
            self._paint_anew()

    def set_dormant(self, dormant: bool) -> None:
        """Show whether the drawing is what is looked at; dormant, it is not."""
        self.dormant = dormant
        self.update()

    def set_ring(self, position: QPointF | None) -> None:
        """Show how wide the brush is at a place of the widget; None: nowhere."""
        self._hover = position
        self.update()

    # --- what is drawn -----------------------------------------------------------------------

    def ink(self) -> Bytes:
        """Copy the white ink on black (SIDE, SIDE), 0 for paper to 255."""
        ink: Bytes = self.picture()[0]
        return ink

    def picture(self) -> Bytes:
        """Copy what is drawn (3, SIDE, SIDE) in red, green and blue."""
        pixels = np.frombuffer(self._image.constBits(), dtype=np.uint8)
        rows = pixels.reshape(SIDE, self._image.bytesPerLine())[:, : 3 * SIDE]
        picture: Bytes = np.moveaxis(rows.reshape(SIDE, SIDE, 3), -1, 0).copy()
        return picture

    def is_empty(self) -> bool:
        """Return whether nothing is drawn."""
        return not self._history[self._at] and not self._points

    def can_undo(self) -> bool:
        """Return whether there is a step back."""
        return self._at > 0

    def can_redo(self) -> bool:
        """Return whether there is a step forward again."""
        return self._at < len(self._history) - 1

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self.can_undo() and not self._points:
            self._go_to(self._at - 1)

    def redo(self) -> None:
        """Take the last step that was undone again, if there is one."""
        if self.can_redo() and not self._points:
            self._go_to(self._at + 1)

    def clear(self) -> None:
        """Take everything away; undo brings it back."""
        if not self.is_empty():
            self._points = []
            self._add(())

    def show_picture(self, ink: Bytes) -> None:
        """Put ink (SIDE, SIDE), or a picture (SIDE, SIDE, 3), in the place of what is drawn.

        Undo brings that back.
        """
        self._points = []
        self._add((ink,))

    def forget(self) -> None:
        """Take everything away for good."""
        if len(self._history) > 1 or self._points:
            self._points, self._history = [], [()]
            self._go_to(0)

    def square(self) -> QRectF:
        """The part of the widget that is drawn on."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _add(self, marks: tuple[Mark, ...]) -> None:
        self._history = [*self._history[: self._at + 1], marks][-_KEPT:]
        self._go_to(len(self._history) - 1)

    def _go_to(self, step: int) -> None:
        self._at = step
        self._paint_anew()
        self.history_changed.emit()

    def _paint_anew(self) -> None:
        """Paint all marks again, on the paper as it is now."""
        self._image = self._blank()
        for mark in self._history[self._at]:
            if isinstance(mark, Stroke):
                self._paint_stroke(mark)
            else:
                self._image = _image_of(mark)
        self._tell()

    def _blank(self) -> QImage:
        image = QImage(SIDE, SIDE, QImage.Format.Format_RGB888)
        image.fill(QColor(self.paper))
        return image

    def _tell(self) -> None:
        self.update()
        self.inked.emit()

    # --- strokes -----------------------------------------------------------------------------

    def _begin(self, position: QPointF, *, erases: bool) -> None:
        self._waking = self.dormant and not self.is_empty()
        if self.dormant:
            self.entered.emit()
        self._erasing, self._points = erases, []
        if self._waking:
            self._points.append(self._point(position))
        else:
            self._extend(position)

    def _extend(self, position: QPointF) -> None:
        self._waking = False
        self._points.append(self._point(position))
        self._paint_stroke(self._stroke(self._points[-2:]))
        self._tell()

    def _stroke(self, points: Sequence[tuple[float, float]]) -> Stroke:
        colour = None if self._erasing else self.ink_colour
        return Stroke(tuple(points), self.brush, colour)

    def _point(self, position: QPointF) -> tuple[float, float]:
        """Return a point of the widget as one of the ink."""
        square = self.square()
        at = (position - square.topLeft()) * (SIDE / square.width())
        return at.x(), at.y()

    def _end(self) -> None:
        if self._waking:
            self._points, self._waking = [], False
            return
        stroke, self._points = self._stroke(self._points), []
        self._add((*self._history[self._at], stroke))

    def _paint_stroke(self, stroke: Stroke) -> None:
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(stroke.colour or self.paper)
        round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(colour, stroke.width, Qt.PenStyle.SolidLine, round_cap, round_join))
        points = stroke.points
        for (x0, y0), (x1, y1) in zip(points[:1] + points, points, strict=False):
            if (x0, y0) == (x1, y1):
                painter.drawPoint(QPointF(x1, y1))
            else:
                painter.drawLine(QLineF(x0, y0, x1, y1))
        painter.end()

    # --- events ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        drawing = event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if drawing and not self._points:
            erases = event.button() == Qt.MouseButton.RightButton
            self._begin(event.position(), erases=erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.set_ring(event.position())
        if self._points:
            self._extend(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._points and event.buttons() == Qt.MouseButton.NoButton:
            self._end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)
        if event.reason() not in _NO_ARRIVAL:
            self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._points:
            self._end()  # the release goes elsewhere
        self.update()
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.set_ring(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the width that a square cannot use to others."""
        self.setMaximumWidth(max(self.minimumWidth(), self.height()))
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        square, palette = self.square(), self.palette()
        painter.fillRect(square, QColor(self.paper))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(_DIM if self.dormant else 1.0)
        painter.drawImage(square, self._image)
        painter.setOpacity(1.0)
        black = takes_black(np.array(QColor(self.paper).getRgb(), np.uint8))
        painter.setPen(QColor("black" if black else "white"))
        if self.is_empty():
            of_what = " of a digit" if self.what == DIGIT else ""
            _write(painter, square, _TITLE.format(what=self.what), _HOW.format(of_what=of_what))
        focus = palette.color(QPalette.ColorRole.Highlight)
        edge = focus if self.hasFocus() else QColor(colours_of(palette).border)
        paint_frame(painter, square.adjusted(1, 1, -1, -1), edge, 2)
        if self._hover is not None:
            self._paint_ring(painter, self._hover)

    def _paint_ring(self, painter: QPainter, at: QPointF) -> None:
        """Paint how wide the brush is, on ink and on paper."""
        square = self.square()
        radius = self.brush / 2 * square.width() / SIDE
        painter.setClipRect(square)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
        painter.setPen(QPen(QColor("#909090"), 1.5))
        painter.drawEllipse(at, radius, radius)


def _write(painter: QPainter, square: QRectF, title: str, text: str) -> None:
    """Write a title into the middle of the canvas, and below it more, if there is room."""
    inside = square.adjusted(GRID, GRID, -GRID, -GRID)
    centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.setFont(small_font())
    whole = f"{title}\n{text}"
    fits = painter.boundingRect(inside, centred, whole).height() <= inside.height()
    painter.drawText(inside, centred, whole if fits else title)


def _image_of(ink: Bytes) -> QImage:
    pixels = np.ascontiguousarray(ink if ink.ndim == 3 else ink[..., np.newaxis].repeat(3, axis=2))
    return QImage(pixels.data, SIDE, SIDE, 3 * SIDE, QImage.Format.Format_RGB888).copy()
