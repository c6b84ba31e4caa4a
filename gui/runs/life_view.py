"""LifeView: what the network said of one image from epoch to epoch, with its LifeStrip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.runs.noted_samples import ImageList, NotedImages
from gui.runs.run_images import FoundImages
from gui.theme import GRID, Colours, colours_of, draw_cross, small_font
from gui.widgets.buttons import choice_box, fill_box
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedLabel, FixedLabel, elide_name
from gui.widgets.layouts import (
    VisibilityNotifier,
    bring_into_view,
    in_column,
    in_row,
    named,
    scrolling,
)
from gui.widgets.plot_reading import next_place, paint_focus, speak
from gui.widgets.scales import linear_ticks

EMPTY = "Choose a run in the list to see what it said of the selected image, epoch by epoch."
_HINT = "Point at an epoch to read it; a click shows the network as it was then."
_LEAST_BAR = 3  # px of an epoch; more epochs than have room scroll
_WIDEST_BAR = 10 * GRID  # px
_CROSSED = 9  # px of a bar that has room for a cross
_GAP_FROM = 5  # px of an epoch from which on bars stand apart
_TICKS = 8 * GRID  # px from one number of an epoch to the next, at least
_POINTER = 5.0  # px, half of what points at the epoch that is shown
_NONE = -1  # no epoch
_LEAST = 0.03  # of the height, so that every bar is seen


@dataclass(frozen=True, eq=False)
class Bars:
    """What a strip shows: for each of E epochs a height from 0 to 1, and whether it is wrong.

    `said` (E,) are words below, written once for neighbours that have the same. `reading` gives the
    sentence of a bar by its index.
    """

    epochs: NDArray[np.int64]
    heights: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    said: Sequence[str]
    reading: Callable[[int], str]


class LifeStrip(QWidget):
    """Reads the bar under the mouse, or by Left, Right, Home and End; a click or Enter chooses it.

    Wrong bars are hatched, so they are told by their shape too. `epoch_chosen` carries an epoch,
    `pointed` the sentence of a bar, empty if none is read.
    """

    epoch_chosen = Signal(int)
    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("runs.life.strip")
        said = "What the network said, epoch by epoch"
        self.setAccessibleName(f"{said}; arrows read it, Enter shows the epoch")
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bars: Bars | None = None
        self._at: int | None = None  # index of the bar that is read
        self._looked = _NONE  # epoch that the panels show

    def set_bars(self, bars: Bars | None) -> None:
        """Show other bars."""
        self.bars, self._at = bars, None
        self.setMinimumWidth(0 if bars is None else _LEAST_BAR * len(bars.epochs))
        self._say()
        self.updateGeometry()
        self.update()

    def set_looked(self, epoch: int | None) -> None:
        """Mark the epoch that the panels show; None: none of these."""
        self._looked = _NONE if epoch is None else epoch
        epochs = np.empty(0) if self.bars is None else self.bars.epochs
        for index in np.flatnonzero(epochs == self._looked).tolist():
            bring_into_view(self, self.place_of(index).toRect())
        self.update()

    def bar_at(self, x: float) -> int | None:
        """Return the index of the bar at a place in px, or None beside all."""
        count = 0 if self.bars is None else len(self.bars.epochs)
        index = int(x // self._step()) if x >= 0 and count else -1
        return index if 0 <= index < count else None

    def place_of(self, index: int) -> QRectF:
        """Return where a bar has its room, with what is below, in px."""
        return QRectF(index * self._step(), 0, self._step(), self.height())

    def sizeHint(self) -> QSize:
        """Ask for room for the bars and three lines."""
        return QSize(30 * GRID, 8 * GRID + 2 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Have room for low bars at least."""
        return QSize(0, 3 * GRID + 2 * self.fontMetrics().height())

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        bars, step = self.bars, self._step()
        painter = QPainter(self)
        if bars is not None and len(bars.epochs):
            colours = colours_of(self.palette())
            first = max(0, int(event.rect().left() // step))
            last = min(len(bars.epochs), int(event.rect().right() // step) + 1)
            self._paint_bars(painter, bars, range(first, last), colours)
            self._paint_words(painter, bars, colours)
            self._paint_epochs(painter, bars, colours)
            self._paint_marks(painter, bars, colours)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), self.palette())

    def _paint_bars(self, painter: QPainter, bars: Bars, shown: range, colours: Colours) -> None:
        step, floor = self._step(), self._floor()
        gap = 1 if step >= _GAP_FROM else 0
        right, wrong = QColor(colours.right), QColor(colours.wrong)
        for index in shown:
            high = max(_LEAST, min(1.0, float(bars.heights[index]))) * (floor - 2)
            bar = QRectF(index * step, floor - high, step - gap, high)
            if not bars.wrong[index]:
                painter.fillRect(bar, right)
                continue
            painter.fillRect(bar, QColor(colours.base))
            painter.fillRect(bar, QBrush(wrong, Qt.BrushStyle.BDiagPattern))
            painter.setPen(wrong)
            painter.drawRect(bar.adjusted(0, 0, -1, -1))
            if step >= _CROSSED:
                place = QRectF(bar.center().x() - 2.5, floor - 7.5, 5, 5)
                ground = self.palette().base().color()
                draw_cross(painter, place, QPen(ground, 4), QPen(wrong, 2))
        painter.setPen(QColor(colours.border))
        painter.drawLine(QPointF(0, floor), QPointF(step * len(bars.epochs), floor))

    def _paint_words(self, painter: QPainter, bars: Bars, colours: Colours) -> None:
        """Write what was said under the bars of which it holds, where there is room."""
        step, line = self._step(), self.fontMetrics().height()
        painter.setPen(QColor(colours.text))
        for first, last in _stretches(bars.said):
            place = QRectF(first * step, self._floor(), (last - first) * step, line)
            text = elide_name(bars.said[first], self.fontMetrics(), place.width() - 2)
            if text and text != "…":
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
            if first:
                painter.drawLine(place.topLeft(), place.topLeft() + QPointF(0, GRID / 2))

    def _paint_epochs(self, painter: QPainter, bars: Bars, colours: Colours) -> None:
        step, line = self._step(), self.fontMetrics().height()
        painter.setPen(QColor(colours.muted))
        top, end = self._floor() + line, step * len(bars.epochs)
        ends = int(bars.epochs[0]), int(bars.epochs[-1]) + 1
        round_ones = linear_ticks(*ends, int(end / max(_TICKS, 2 * line)))
        named_ones = np.isin(bars.epochs, [value for value, _ in round_ones])
        for index in np.flatnonzero(named_ones).tolist():
            text = f"{bars.epochs[index]:,}"
            wide = self.fontMetrics().horizontalAdvance(text) + 2
            left = min(max(0.0, (index + 0.5) * step - wide / 2), max(0.0, end - wide))
            painter.drawText(QRectF(left, top, wide, line), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_marks(self, painter: QPainter, bars: Bars, colours: Colours) -> None:
        """Frame the epoch that the panels show, and the bar that is read."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index in np.flatnonzero(bars.epochs == self._looked).tolist():
            frame, past = self._frame(index), QColor(colours.past)
            painter.setPen(QPen(past, 3))
            painter.drawRect(frame)
            top = QPointF(frame.center().x(), frame.top())
            away = QPointF(_POINTER, 0)
            painter.setPen(QPen(QColor(colours.window), 1))
            painter.setBrush(past)
            painter.drawPolygon([top - away, top + away, top + QPointF(0, 1.5 * _POINTER)])
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._at is not None:
            painter.setPen(QPen(QColor(colours.text), 1))
            painter.drawRect(self._frame(self._at))

    def _frame(self, index: int) -> QRectF:
        return QRectF(index * self._step(), 0.5, self._step() - 1, self._floor() - 0.5)

    def _floor(self) -> float:
        """The px at which the bars stand."""
        return self.height() - 2 * self.fontMetrics().height() - 1

    def _step(self) -> float:
        """The px from one bar to the next."""
        count = 1 if self.bars is None else max(1, len(self.bars.epochs))
        return min(_WIDEST_BAR, max(_LEAST_BAR, (self.width() - 1) / count))

    # --- reading -----------------------------------------------------------------------------

    def read_at(self, index: int | None) -> None:
        """Read a bar, or none."""
        if index != self._at:
            self._at = index
            self._say()
            self.update()

    def _say(self) -> None:
        text = "" if self.bars is None or self._at is None else self.bars.reading(self._at)
        speak(self, text)
        self.pointed.emit(text)

    def _choose(self, index: int | None) -> None:
        if self.bars is not None and index is not None:
            self.epoch_chosen.emit(int(self.bars.epochs[index]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read from bar to bar, or choose the one that is read."""
        places = np.arange(0 if self.bars is None else len(self.bars.epochs), dtype=np.float64)
        goal = next_place(event.key(), places, self._at)
        if goal is not None:
            self.read_at(int(goal))
            bring_into_view(self, self.place_of(int(goal)).toRect())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._at)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.read_at(self.bar_at(event.position().x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self.bar_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self.read_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.read_at(None)


def _stretches(said: Sequence[str]) -> list[tuple[int, int]]:
    """Return where neighbours say the same: the first, and the one behind the last."""
    starts = [0, *(n for n in range(1, len(said)) if said[n] != said[n - 1])] if said else []
    return list(zip(starts, [*starts[1:], len(said)], strict=True))


class LifeView(VisibilityNotifier):
    """A strip of epochs over lists of images. Setters only store; `refresh` draws when `dirty`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs.life")
        self.setAccessibleName("Life of the image")
        self.dirty = False
        self._problem = EMPTY
        self._bars: Bars | None = None
        self._text = ""
        self._lists: Sequence[ImageList] = ()
        self._found = FoundImages(None)
        self._chosen: int | None = None  # of the lists
        self._pinned: int | None = None
        self.headline = named(ElidedLabel(), "runs.life.headline")
        self.strip = LifeStrip()
        self.headline.setToolTip(_HINT)  # over the strip it would cover what is read
        self.of_run = named(
            ElidedLabel(), "runs.life.run", "Run whose predictions these are", muted=True
        )
        self.lists = choice_box("runs.life.lists", "Images by how they were learned")
        self._images = NotedImages("runs.life.images")
        self.grid = self._images.grid
        self._strip_area = scrolling(self.strip)
        self._strip_place = EmptyState(self._strip_area, "")
        self._empty = EmptyState(self._content(), EMPTY)
        in_column((self._empty, 1), of=self, margins=(GRID, GRID // 2, GRID, GRID // 2))
        self.strip.pointed.connect(self._read)
        self.lists.currentIndexChanged.connect(self._on_list)

    # --- what is stored ----------------------------------------------------------------------

    def show_problem(self, sentence: str) -> None:
        """Say why nothing is known."""
        self._problem = sentence
        self.dirty = True

    def show_life(
        self,
        bars: Bars | None,
        text: str,
        lists: Sequence[ImageList],
        found: FoundImages,
        pinned: int | None = None,
    ) -> None:
        """Show the epochs of an image under a text about them, or the text in their place.

        Below are lists of images by how they were learned, or why these images are not there. The
        pinned one is framed, if it is one of these.
        """
        self._problem, self._pinned = "", pinned
        self._bars, self._text, self._lists, self._found = bars, text, lists, found
        self.dirty = True

    # --- drawing -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw what was stored."""
        self.dirty = False
        if self._problem:
            self._empty.show_sentence(self._problem)
            return
        self._draw_strip()
        self._fill_lists()
        self._draw_images()
        self._empty.show_content()

    def _draw_strip(self) -> None:
        if self._bars is None:
            self._strip_place.show_sentence(self._text)
        else:
            self._strip_place.show_content()
        if self.strip.bars is not self._bars:
            self.strip.set_bars(self._bars)
        self._let_strip_be_seen()
        self._read(self.strip.accessibleDescription())

    def _let_strip_be_seen(self) -> None:
        """Give the strip its least height, with what scrolls it sideways if need be."""
        scrolls = self.strip.minimumWidth() > self._strip_area.width()
        bar = self._strip_area.horizontalScrollBar().sizeHint().height() if scrolls else 0
        self._strip_area.setMinimumHeight(self.strip.minimumSizeHint().height() + bar)

    def _fill_lists(self) -> None:
        """Offer the lists; until one is chosen, the first that has images is."""
        fill_box(self.lists, [f"{each.title} ({len(each.places):,})" for each in self._lists])
        with_images = (place for place, each in enumerate(self._lists) if len(each.places))
        place = next(with_images, 0) if self._chosen is None else self._chosen
        with QSignalBlocker(self.lists):
            self.lists.setCurrentIndex(place)

    def _draw_images(self) -> None:
        self._images.show_list(self._lists[self.lists.currentIndex()], self._found)
        self.grid.set_pinned(self._pinned)

    # --- what happens ------------------------------------------------------------------------

    @Slot(int)
    def _on_list(self, place: int) -> None:
        self._chosen = place
        self._draw_images()

    @Slot(str)
    def _read(self, sentence: str) -> None:
        """Say what is read of an epoch, or else what there is to say of all of them."""
        self.headline.setText(sentence or ("" if self._bars is None else self._text))

    def _content(self) -> QWidget:
        choice = in_row(self.lists, (FixedLabel(self.of_run), 1), gap=GRID)
        content = QWidget()
        in_column(
            FixedLabel(self.headline), self._strip_place, choice, (self._images, 1), of=content
        )
        return content
