"""EpochSlider: a slider that rests only at the epochs of which the weights are kept."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from gui.theme import GRID, colours_of

_MARKS = GRID + GRID // 4  # px below the slider
_PAGE = 5  # kept epochs
_CROWDED = 4  # px between two marks, below which they are no longer told apart
_Action = QSlider.SliderAction


class _Way(NamedTuple):
    """Where the middle of a handle goes along: from `left` on over `span` px."""

    left: float
    span: int
    first: int  # epoch
    last: int
    reversed: bool

    def across(self, epoch: int) -> float:
        """Return where it is at an epoch, in px."""
        ends = self.first, self.last
        return self.left + QStyle.sliderPositionFromValue(*ends, epoch, self.span, self.reversed)

    def epoch_at(self, x: float) -> int:
        """Return the epoch at a place in px."""
        ends, at = (self.first, self.last), round(x - self.left)
        return QStyle.sliderValueFromPosition(*ends, at, self.span, self.reversed)


class EpochSlider(QSlider):
    """Its values are epochs of a run; it snaps to the nearest one that is kept.

    A mark stands under each of these; a ring under the best one, a triangle under bookmarked ones.
    `epoch_wanted` carries the epoch to which a person, or another program, has put the slider, even
    if it was there; `place` puts it somewhere without asking for that.
    """

    epoch_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._kept: tuple[int, ...] = ()
        self._best: int | None = None
        self._bookmarks: frozenset[int] = frozenset()
        self._placing = False
        self._held_at = 0.0  # px from the middle of the handle
        self.setObjectName("runs.epoch")
        self.setAccessibleName("Epoch of the run that is shown")
        self.setEnabled(False)
        self.valueChanged.connect(self._on_value)
        self.actionTriggered.connect(self._on_action)

    # --- what is kept ------------------------------------------------------------------------

    @property
    def kept(self) -> tuple[int, ...]:
        """The epochs that it can rest at."""
        return self._kept

    def show_epochs(
        self, kept: Sequence[int], best: int | None, bookmarks: Sequence[int], at: int
    ) -> None:
        """Go from the first kept epoch to the last, mark some, and stand at one."""
        before = self._kept, self._best, self._bookmarks
        self._kept, self._best = tuple(kept), best if best in kept else None
        self._bookmarks = frozenset(bookmarks) & frozenset(kept)
        self.setEnabled(bool(kept))
        self._placing = True
        self.setRange(kept[0] if kept else 0, kept[-1] if kept else 0)
        self._placing = False
        self.place(at)
        if before != (self._kept, self._best, self._bookmarks):
            self.update()

    def place(self, epoch: int) -> None:
        """Stand at the kept epoch that is nearest."""
        self._placing = True
        super().setValue(self.nearest(epoch))
        self._placing = False

    def nearest(self, epoch: int) -> int:
        """Return the kept epoch that is nearest; of two, the later one."""
        if not self._kept:
            return self.minimum()
        after = bisect_left(self._kept, epoch)
        near = self._kept[max(0, after - 1) : after + 1]
        return min(near, key=lambda each: (abs(each - epoch), -each))

    def kept_beside(self, steps: int) -> int:
        """Return the epoch so many kept ones further, or as far as there are some."""
        if not self._kept:
            return self.value()
        if steps > 0:
            place = bisect_right(self._kept, self.value()) + steps - 1
        else:
            place = bisect_left(self._kept, self.value()) + steps
        return self._kept[min(max(place, 0), len(self._kept) - 1)]

    # --- what moves it -----------------------------------------------------------------------

    def setValue(self, value: int) -> None:
        """Go to the nearest kept epoch and ask for it, also if the slider stands there."""
        self.place(value)
        if self._kept:
            self.epoch_wanted.emit(self.value())

    @Slot(int)
    def _on_action(self, action: int) -> None:
        """Go from kept epoch to kept epoch by keys."""
        steps = {
            _Action.SliderSingleStepAdd.value: 1,
            _Action.SliderSingleStepSub.value: -1,
            _Action.SliderPageStepAdd.value: _PAGE,
            _Action.SliderPageStepSub.value: -_PAGE,
        }
        if action in steps:
            wanted = self.kept_beside(steps[action])
        else:
            wanted = self.nearest(self.sliderPosition())
        self.setSliderPosition(wanted)
        if wanted == self.value() and not self.isSliderDown():
            self.epoch_wanted.emit(wanted)  # else the change of value asks for it

    @Slot(int)
    def _on_value(self, value: int) -> None:
        if self._placing:
            return
        if value != self.nearest(value):  # Qt's own ways to change it know nothing of kept epochs
            super().setValue(self.nearest(value))
        else:
            self.epoch_wanted.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the handle; a click beside it brings it there first."""
        if event.button() != Qt.MouseButton.LeftButton or not self._kept:
            super().mousePressEvent(event)
            return
        x = event.position().x()
        on_handle = self._handle().contains(event.position().toPoint())
        self._held_at = x - self.across(self.value()) if on_handle else 0.0
        self.setSliderDown(True)
        self._drag_to(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle from kept epoch to kept epoch."""
        if self.isSliderDown():
            self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go, and ask for where it stands, though it may not have moved."""
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            self.epoch_wanted.emit(self.value())

    def _drag_to(self, x: float) -> None:
        epoch = self.nearest(self._epoch_at(x - self._held_at))
        if epoch != self.value():
            self.setValue(epoch)

    def _epoch_at(self, x: float) -> int:
        return self._way().epoch_at(x)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go on by one kept epoch for each notch."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.setValue(self.kept_beside(1 if turned > 0 else -1))
        event.accept()

    # --- drawing -----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Ask for room for the marks below."""
        return super().sizeHint() + QSize(0, _MARKS)

    def minimumSizeHint(self) -> QSize:
        """Do not be less high."""
        return super().minimumSizeHint() + QSize(0, _MARKS)

    def initStyleOption(self, option: QStyleOptionSlider) -> None:
        """Have the slider drawn above the marks."""
        super().initStyleOption(option)
        option.rect = option.rect.adjusted(0, 0, 0, -_MARKS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slider, and the marks below its groove."""
        super().paintEvent(event)
        if not self._kept:
            return
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.muted), 1))
        top = self._handle().bottom() + 2
        for x in self._marks():
            painter.drawLine(QPointF(x, top), QPointF(x, top + _MARKS // 2))
        top += _MARKS // 2
        painter.setPen(QPen(QColor(colours.test), 1.5))
        if self._best is not None:
            painter.drawEllipse(QPointF(self.across(self._best), top + 1), 3.5, 3.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.link))
        for epoch in self._bookmarks:
            x = self.across(epoch)
            painter.drawPolygon(
                QPolygonF([QPointF(x - 4, top + 6), QPointF(x + 4, top + 6), QPointF(x, top - 1)])
            )

    def _marks(self) -> Iterator[float]:
        """Return where kept epochs have a mark: all, or as many as can be told apart."""
        place, way = 0, self._way()
        while place < len(self._kept):
            x = way.across(self._kept[place])
            yield x
            beside = way.epoch_at(x + _CROWDED)
            place = max(place + 1, bisect_left(self._kept, beside))

    def across(self, epoch: int) -> float:
        """Return where the middle of the handle is at an epoch, in px."""
        return self._way().across(epoch)

    def _way(self) -> _Way:
        """Return where the handle goes along, for many epochs: the style is slow to tell."""
        groove, half = self._groove(), self._handle().width() / 2
        ends = self.minimum(), self.maximum()
        span = groove.width() - int(2 * half)
        return _Way(groove.x() + half, span, *ends, self._option().upsideDown)

    def _option(self) -> QStyleOptionSlider:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return option

    def _handle(self) -> QRect:
        return self._part(QStyle.SubControl.SC_SliderHandle)

    def _groove(self) -> QRect:
        return self._part(QStyle.SubControl.SC_SliderGroove)

    def _part(self, part: QStyle.SubControl) -> QRect:
        slider = QStyle.ComplexControl.CC_Slider
        return self.style().subControlRect(slider, self._option(), part, self)
