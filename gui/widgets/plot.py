"""Plot: what all plots of this program do alike: zoom, move, fit, read, follow the theme."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsItem

from gui.theme import GRID, PAPER, Colours, colours_of, magnification, small_font
from gui.widgets.growing_curve import Floats
from gui.widgets.layouts import can_scroll
from gui.widgets.plot_reading import Reading, next_place, paint_focus, paint_reading, speak
from gui.widgets.scales import Range, Ticks, linear_ticks, log_ticks

_DOT = 2.5  # px, half of a point
_SHORT = 30  # letters, of two labels with what stands before them
SAMPLE = 12  # px of a piece of the curve before its label
_BETWEEN = 7 * GRID  # px from tick to tick at the bottom, at least
WIDEST = "5.5e−55"  # the axis has room for it whatever is shown, or the curves would jump
_MOST = 12  # ticks, however large the plot is
_TRIES = 100  # ticks; a range of no width has never two
_FAINT = 0.45  # how much of its colour the label of a hidden curve keeps
_STEP = 0.8  # of the range that a key zooms to


class NumberAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis with round numbers, as this program writes them; linear or logarithmic."""

    def __init__(self, side: Literal["left", "bottom"], widest: str = WIDEST) -> None:
        """Make an axis with room for a number of that width, if it is on the left."""
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._widest = widest
        self._texts: list[str] = []
        self.take_font()

    def take_font(self) -> None:
        """Write in the small font as it is now, and have room for it."""
        metrics = self._metrics = QFontMetricsF(small_font())
        self._line = metrics.height()
        self.setStyle(tickFont=small_font(), tickLength=-3, tickTextOffset=3)
        if self.orientation == "left":
            self.setWidth(math.ceil(metrics.horizontalAdvance(self._widest) + self._line + 3))
        else:
            self.setHeight(round(self._line + GRID / 2))

    def paint(self, painter: QPainter, option: object, widget: object) -> None:
        """Draw the axis; into a file not from a kept picture, which has the size of a screen."""
        if self._exportOpts is False:
            super().paint(painter, option, widget)
        else:
            self.drawPicture(painter, *self.generateDrawSpecs(painter))

    def resizeEvent(self, event: object = None) -> None:
        """Draw all anew: Qt would leave in the kept picture what was drawn in the former size."""
        super().resizeEvent(event)
        self.picture = None
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Choose the values that are marked between two ends on so many px."""
        room = size / (_BETWEEN if self.orientation == "bottom" else 2.5 * self._line)
        most = max(2, min(_MOST, int(room)))
        across, low, high = high - low, low * self.scale, high * self.scale
        if self.scale != 1:  # something is counted: only whole numbers
            found = linear_ticks(low, high, max(1, min(most, int(high - low))))
        else:
            found = _two_ticks(low, high, most, self.logMode)
        places = [math.log10(value) if self.logMode else value / self.scale for value, _ in found]
        if self.orientation == "bottom":
            places, found = self._not_touching(places, found, size / across)
        self._texts = [text for _, text in found]
        return [(1.0, places)]

    def _not_touching(
        self, places: list[float], ticks: Ticks, scale: float
    ) -> tuple[list[float], Ticks]:
        """Leave out ticks whose numbers would touch the one before, if two are left.

        `scale` are the px of one of the view.
        """
        kept, end = list[int](), -math.inf
        for place, (at, (_, text)) in enumerate(zip(places, ticks, strict=True)):
            half = self._metrics.horizontalAdvance(text) / 2
            if at * scale - half >= end:
                kept.append(place)
                end = at * scale + half + GRID / 2
        if len(kept) < 2:
            return places, ticks
        return [places[place] for place in kept], [ticks[place] for place in kept]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the values that `tickValues` chose."""
        return self._texts


def _two_ticks(low: float, high: float, most: int, log: bool) -> Ticks:
    """Choose about so many ticks, but two at least: one alone says nothing of the scale."""
    found: Ticks = []
    while len(found) < 2 and most < _TRIES:
        found = log_ticks(10**low, 10**high, most) if log else linear_ticks(low, high, most)
        most += 1
    return found


@dataclass(frozen=True)
class Label:
    """The name of a curve; with a `line`, a piece of that curve stands before it.

    That of a curve of points alone is dotted, that of a hidden curve is faint.
    """

    key: str
    text: str
    ink: QColor
    line: QColor | None = None
    dotted: bool = False
    faint: bool = False


class LabelAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis whose labels stand below each other, in their order; short ones in two columns.

    Where there is no room for all of them, the last line says how many more there are.
    """

    clicked = Signal(str)

    def __init__(self) -> None:
        """Make an axis without labels."""
        super().__init__("right")
        self.enableAutoSIPrefix(False)  # else it writes an empty title anew with every range
        self.labels: tuple[Label, ...] = ()
        self.take_font()

    def take_font(self) -> None:
        """Write in the small font as it is now; give up the room that another one needed."""
        # Kept, for the labels are written anew with every drawing.
        self._metrics = QFontMetricsF(small_font())
        self.setWidth(0)

    def set_labels(self, labels: Sequence[Label]) -> None:
        """Show other labels."""
        if tuple(labels) != self.labels:
            self.labels = tuple(labels)
            self.update()

    def room(self) -> int:
        """Return the px that the longest label needs, or two columns of short ones."""
        widest, lines = self._widest(), int(self._area().height() / self._metrics.height())
        is_short = 2 * widest <= _SHORT * self._metrics.averageCharWidth()
        return math.ceil(2 * widest if is_short and 0 < lines < len(self.labels) else widest)

    def boxes(self) -> list[tuple[Label, QRectF]]:
        """Where each text stands, in px of this axis, but those that are left out."""
        places = self._places()
        # If not all have a line, one is for how many there are.
        most = len(places) if len(self.labels) <= len(places) else len(places) - 1
        return list(zip(self.labels, places[:most], strict=False))

    def left_out(self) -> tuple[Label, ...]:
        """Return the labels that there is no room for: the last ones."""
        return self.labels[len(self.boxes()) :]

    def _places(self) -> list[QRectF]:
        """Return where a text can stand, column by column."""
        area, height = self._area(), self._metrics.height()
        columns = 2 if 0 < 2 * self._widest() <= area.width() else 1
        lines, width = max(1, int(area.height() / height)), area.width() / columns
        first = QRectF(area.left(), area.top(), width, height)
        return [
            first.translated(column * width, line * height)
            for column in range(columns)
            for line in range(lines)
        ]

    def paint(self, painter: QPainter, option: object, widget: object) -> None:
        """Write the labels."""
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(small_font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for label, box in self.boxes():
            painter.setOpacity(_FAINT if label.faint else 1.0)
            if label.line is not None:
                _paint_sample(painter, label, QPointF(box.left() + 1, box.center().y()))
                box = box.adjusted(SAMPLE + GRID / 4, 0, 0, 0)
            painter.setPen(label.ink)
            painter.drawText(box.adjusted(GRID / 4, 0, 0, 0), side, label.text)
        painter.setOpacity(1.0)
        if more := len(self.left_out()):
            painter.setPen(self.labels[0].ink)
            inside = self._places()[-1].adjusted(GRID / 4, 0, -GRID / 4, 0)
            painter.drawText(inside, side, f"+{more:,}")

    def mouseClickEvent(self, event: Any) -> None:
        """Say which label was clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            for label, box in self.boxes():
                if box.contains(event.pos()):
                    event.accept()
                    self.clicked.emit(label.key)
                    return

    def _widest(self) -> float:
        return max((self._width(label) for label in self.labels), default=0.0)

    def _width(self, label: Label) -> float:
        text = self._metrics.horizontalAdvance(label.text) + GRID
        return text + SAMPLE if label.line is not None else text

    def _area(self) -> QRectF:
        return QRectF(self.mapRectFromParent(self.geometry()))


def _paint_sample(painter: QPainter, label: Label, start: QPointF) -> None:
    """Draw a piece of the curve before its label, as the curve looks."""
    assert label.line is not None
    end = start + QPointF(SAMPLE - 2, 0)
    painter.setPen(QPen(label.line, 1 if label.dotted else 2))
    painter.drawLine(start, end)
    if label.dotted:
        painter.setBrush(label.line)
        painter.drawEllipse((start + end) / 2, _DOT, _DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot with numbers on the left and below, and labels on the right.

    The wheel zooms, where the panel scrolls with Ctrl alone, and dragging moves; then a
    double-click, or Fit of the menu, shows everything again. Where the pointer is, values are
    read; Left, Right, Home and End read from point to point, Esc ends that, + and - zoom.
    """

    def __init__(
        self,
        words: str,
        bottom: str,
        *,
        widest: str = WIDEST,
    ) -> None:
        """Make an empty plot with words for both axes; that on the left has room for `widest`."""
        self.dressed = False  # before it is, Qt already speaks of palettes
        self.left, self.bottom = NumberAxis("left", widest), NumberAxis("bottom")
        self.right = LabelAxis()
        super().__init__(
            enableMenu=False,
            axisItems={"left": self.left, "bottom": self.bottom, "right": self.right},
        )
        self.plotItem.getAxis("top").unlinkFromView()  # never shown, it would follow every range
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(20 * GRID, 9 * GRID)
        self.view: Any = self.plotItem.vb
        self.leader: Plot | None = None
        self._beside: list[Plot] = []  # the plots that show the same range of x
        self._words = words
        self.home: tuple[Range, Range] = ((0.0, 1.0), (0.0, 1.0))  # x and y that show everything
        self._at: float | None = None
        self._by_keys = False  # whether it is read by keys
        self._moved = False
        self._room = 0.0  # on the right, in heights of a line
        self.plotItem.hideButtons()
        self.plotItem.showAxis("right")
        self.plotItem.layout.setContentsMargins(0, GRID / 2, 0, 0)
        self.view.setDefaultPadding(0)
        self.view.disableAutoRange()
        self.view.sigRangeChangedManually.connect(self._on_moved)
        self._caption = pg.LabelItem(bottom, justify="right")
        if bottom:
            self.plotItem.layout.addItem(self._caption, 3, 2)
        else:
            self.plotItem.hideAxis("bottom")
            self.plotItem.layout.setContentsMargins(0, GRID / 2, 0, GRID)  # half of a number
        fit = QAction("&Fit: show everything", self)
        fit.triggered.connect(self.fit)
        self.addAction(fit)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.colours, self.ratio = colours_of(self.palette()), self.devicePixelRatioF()

    def sizeHint(self) -> QSize:
        """Ask for no more than the least: what is there is taken all the same."""
        return QSize(self.minimumSize())

    # --- the range that is shown ---------------------------------------------------------------

    def set_home(self, x: Range, y: Range) -> None:
        """Say which range shows everything; it is shown unless somebody has moved the view."""
        if (x, y) != self.home:
            self.home = x, y
            if not self._moved:
                self._show_home()

    @Slot()
    def fit(self) -> None:
        """Show everything again, now and in future."""
        for plot in (self, *self._beside):
            plot._moved = False
            plot._show_home()

    def follow(self, other: "Plot") -> None:
        """Show the same range of x as another plot, and read at the same places."""
        self.leader = other
        self.view.setXLink(other.view)
        self._beside, other._beside = [other], [self]

    def _show_home(self) -> None:
        x, y = self.home
        self.view.setRange(xRange=x, yRange=y, padding=0)
        self.scene().prepareForPaint()  # else it is painted, and then painted again in its place

    def _on_moved(self) -> None:
        for plot in (self, *self._beside):
            plot._moved = True

    # --- reading -------------------------------------------------------------------------------

    def read(self, at: float) -> Reading | None:
        """Read at a place x of the view; to be said by each kind of plot."""
        return None

    def places(self) -> Floats:
        """List the places that keys go through, ascending; to be said by each kind of plot."""
        return np.empty(0)

    def snapped(self, at: float) -> float:
        """Return the place that is meant by one near it."""
        return at

    def reading(self) -> Reading | None:
        """What is read now; None if nothing is."""
        return None if self._at is None else self.read(self._at)

    def read_at(self, at: float | None) -> None:
        """Read at the place that is meant by x, or stop reading."""
        place = None if at is None else self.snapped(at)
        for plot in (self, *self._beside):
            plot.show_reading(place)

    def show_reading(self, at: float | None) -> None:
        """Read at exactly x, or stop reading."""
        if at is None and self._at is None:
            return
        self._at = at
        reading = self.reading()
        speak(self, "" if reading is None else reading.sentence())
        self.viewport().update()

    def title(self) -> str:
        """What stands above a picture of the plot."""
        return self._words

    def table(self) -> bytes:
        """Write what is shown as CSV; to be said by each kind of plot."""
        return b""

    def plot_area(self) -> QRectF:
        """Where the curves lie in this widget, in px."""
        return QRectF(self.view.sceneBoundingRect())

    def spot(self, x: float, y: float) -> QPointF:
        """Say where a point of the view lies in this widget, in px."""
        return QPointF(self.view.mapViewToScene(QPointF(x, y)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read where the pointer is."""
        super().mouseMoveEvent(event)
        self._by_keys = False
        inside = self.plot_area().contains(event.position())
        self.read_at(self.view.mapSceneToView(event.position()).x() if inside else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what is pressed here from what lies behind."""
        super().mousePressEvent(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep what is released here from what lies behind."""
        super().mouseReleaseEvent(event)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Stop reading."""
        super().leaveEvent(event)
        self.read_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom, or leave the wheel to the panel that scrolls."""
        if can_scroll(self) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().wheelEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything again."""
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read from point to point, or zoom."""
        goal = next_place(event.key(), self.places(), self._at)
        zooms = {Qt.Key.Key_Plus: _STEP, Qt.Key.Key_Minus: 1 / _STEP}
        if event.key() == Qt.Key.Key_Escape and self._at is not None:
            self.read_at(None)
            event.setAccepted(self._by_keys)  # what the mouse reads needs no key to end
        elif goal is not None:
            self._by_keys = True
            self.read_at(goal)
        elif event.key() in zooms:
            self.view.scaleBy((zooms[Qt.Key(event.key())],) * 2)
            self._on_moved()
        else:
            event.ignore()

    # --- the looks -----------------------------------------------------------------------------

    def dress(self) -> None:
        """Take the colours and the font of the theme, and lines as wide as the screen needs.

        Each kind of plot does so when it has been made.
        """
        for axis in (self.left, self.bottom, self.right):
            axis.take_font()
        self.keep_room(0)
        ratio = self.devicePixelRatioF() * magnification()
        self._put_on(colours_of(self.palette()), ratio)

    def dress_items(self) -> None:
        """Give what the plot shows its colours; to be said by each kind of plot."""

    def _put_on(self, colours: Colours, ratio: float) -> None:
        self.dressed, self.colours, self.ratio = True, colours, ratio
        self.setBackground(QColor(colours.window))
        for axis in (self.left, self.bottom):
            axis.setPen(pg.mkPen(colours.border, width=ratio))
            axis.setTickPen(pg.mkPen(colours.border, width=ratio))
            axis.setTextPen(colours.muted)
        size = f"{small_font().pointSizeF():g}pt"
        if self._words:
            self.left.setLabel(self._words, **{"color": colours.muted, "font-size": size})
        self._caption.setText(self._caption.text, color=colours.muted, size=size)
        self._show_words()
        self.dress_items()

    def _show_words(self) -> None:
        """Say on the left what is shown, unless the plot is so low that words would be cut."""
        words = self.left.label
        room = self.height() - (self.bottom.height() if self.bottom.isVisible() else 0)
        words.setVisible(words.boundingRect().width() <= room)

    @contextmanager
    def on_paper(self, ratio: float) -> Iterator[None]:
        """Be dark on white while a picture is recorded, to be played where px are so fine.

        Points and numbers are drawn, and no pictures of them.
        """
        self._put_on(PAPER, ratio)
        items: list[Any] = [each for each in self.scene().items() if hasattr(each, "setExportMode")]
        kept = [item.cacheMode() for item in items]
        for item in items:
            item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0})
            item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        try:
            yield
        finally:
            for item, mode in zip(items, kept, strict=True):
                item.setExportMode(False)
                item.setCacheMode(mode)
            self.dress()

    def set_labels(self, labels: list[Label]) -> None:
        """Write labels on the right; there is room for the longest."""
        self.right.set_labels(labels)
        self.keep_room(self.right.room())

    def keep_room(self, room: int) -> None:
        """Have so many px on the right, at least; it is never less again, or the curves jump."""
        line = self.fontMetrics().height()
        self._room = max(self._room, room / line)
        width = round(self._room * line)
        if width != self.right.fixedWidth:
            self.right.setWidth(width)
            self.plotItem.layout.setColumnFixedWidth(2, width)

    def drawForeground(self, painter: QPainter, area: QRectF | None) -> None:
        """Draw what is read, and the frame that says where the keys go."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        reading = self.reading()
        if reading is not None:
            x = self.spot(reading.at, 0.0).x()
            painter.setFont(self.font())
            room = QRectF(self.rect())
            paint_reading(painter, reading, x, self.plot_area(), room, self.colours)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), self.palette())

    # --- events --------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the tooltip beside the curves only: among them it would cover what is read."""
        if isinstance(event, QHelpEvent) and self.plot_area().contains(QPointF(event.pos())):
            return True
        return bool(super().viewportEvent(event))

    def event(self, event: QEvent) -> bool:
        """Draw lines as wide as another screen needs, and the frame of what has the focus."""
        if event.type() == QEvent.Type.DevicePixelRatioChange and self.dressed:
            self.dress()
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.viewport().update()
        return bool(super().event(event))

    def changeEvent(self, event: QEvent) -> None:
        """Take other colours, or another font."""
        super().changeEvent(event)
        changes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in changes and self.dressed:
            self.dress()

    def close(self) -> bool:
        """Close for good: pyqtgraph takes the plot apart, and no colour reaches it any more."""
        self.dressed = False
        return bool(super().close())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the words on the left where there is room."""
        super().resizeEvent(event)
        if event is not None and self.dressed:  # pyqtgraph calls this with None while it builds
            self._show_words()
