"""TimeBar: the time machine's controls; it asks for checkpoints of a run."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRect, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from engine.runs.run_folder import Run
from engine.training.best_epoch import ranked_by
from gui.runs.run_actions import NOTHING_CHOSEN
from gui.theme import GRID, PAST, colours_of
from gui.widgets.buttons import allow, text_button
from gui.widgets.labels import ElidedLabel, FixedLabel
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.play_controls import PlayControls

_TIPS = (
    "Show the kept epoch before this one",
    "Show one kept epoch after the other",
    "Show the next kept epoch",
)
_SLIDER_TIP = "Put the window back to an epoch of this run"
_STAR_TIP = "Bookmark this epoch: its weights are kept"
_FIRST, _LAST = "This is the first kept epoch.", "This is the last kept epoch."
_STARS = ("☆", "★")


class TimeBar(QWidget):
    """A slider over the kept epochs of the chosen run, and what plays them.

    `checkpoint_wanted` carries the run and an epoch of it, `bookmarked` also whether it is to be
    marked. In the present the slider stands at the last kept epoch, and goes on with a run that
    grows.
    """

    checkpoint_wanted = Signal(object, int)
    bookmarked = Signal(object, int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run: Run | None = None
        self._wished: tuple[Run, int] | None = None  # and the epoch; None: the present
        self._shown = ""  # key of the run that the window shows; empty in the present
        self.slider = EpochSlider(self._on_epoch)
        self.star = _star()
        spoken = "Moment that the window shows; empty in the present"
        self.state = named(ElidedLabel(), "runs.state", spoken, small=True)
        self.state.setForegroundRole(PAST)
        back, state = partial(self._go, -1), FixedLabel(self.state)
        self.controls = PlayControls("runs", self._go_on, back, _TIPS, state)
        row = in_row((self.controls, 1), self.star)
        in_column(self.slider, row, of=self)
        self.slider.valueChanged.connect(self._show_place)
        self.controls.play.toggled.connect(self._begin_anew)
        self.star.clicked.connect(self._mark)
        self.show_run(None)

    def show_run(self, run: Run | None) -> None:
        """Show the epochs of another run, or those that a run has now."""
        if run is None or self.run is None or run.key != self.run.key:
            self.controls.stop()
        self.run = run
        kept = () if run is None else run.kept_epochs
        at = kept[-1] if kept else 0
        if run is not None and self._wished is not None and self._wished[0].key == run.key:
            at = self._wished[1]
        best = None if run is None else run.best
        marked = () if run is None else run.bookmarks
        self.slider.show_epochs(kept, None if best is None else best.epoch, marked, at)
        self._show_place()

    def show_wished(self, wished: tuple[Run, int] | None) -> None:
        """Stand at the epoch of a run that the window is to show; None: the present."""
        self._wished = wished
        self.show_run(self.run)

    def show_shown(self, run: Run | None, when: str = "") -> None:
        """Say which run the window shows, and when, in words; None: the network as it is now."""
        if run is None:
            self.controls.stop()
        self._shown = "" if run is None else run.key
        self.state.setText("" if run is None else f"{run.title}, {when}")
        self._show_place()

    # --- what is asked for -------------------------------------------------------------------

    def _on_epoch(self, epoch: int) -> None:
        if self.run is not None:
            self.checkpoint_wanted.emit(self.run, epoch)

    def _go(self, steps: int) -> None:
        self.slider.setValue(self.slider.kept_beside(steps))

    @Slot()
    def _go_on(self) -> None:
        """Go to the next kept epoch; at the last one, stop playing."""
        if self.slider.value() >= self.slider.maximum():
            self.controls.stop()
            return
        self._go(1)

    @Slot(bool)
    def _begin_anew(self, playing: bool) -> None:
        """Play from the start if there is nothing left to play."""
        if playing and self.slider.value() >= self.slider.maximum():
            self.slider.setValue(self.slider.minimum())

    @Slot(bool)
    def _mark(self, on: bool) -> None:
        if self.run is not None:
            self.bookmarked.emit(self.run, self.slider.value(), on)
        self._show_place()  # the run says whether it is marked

    # --- what is said ------------------------------------------------------------------------

    @Slot()
    def _show_place(self) -> None:
        run, at = self.run, self.slider.value()
        there = run is not None and bool(run.kept_epochs)
        words = ""
        if run is not None and there:
            age, last = f"{run.age(at):,}", f"{run.age(run.epochs):,}"
            words = f"{run.short_title}, epoch {age} of {last}"
        self.controls.show_place(words)
        # Beside the slider stands what is said of its run, whichever run the window shows.
        self.controls.show_instead(run is not None and run.key == self._shown)
        why_none = NOTHING_CHOSEN if run is None else "" if there else run.why_no_weights
        best = None if run is None else run.best
        ring = "" if best is None else f". ○ The best by {ranked_by(best)} accuracy"
        allow(self.slider, f"{_SLIDER_TIP}{ring}", unless=why_none)
        first = _FIRST if at <= self.slider.minimum() else ""
        last = _LAST if at >= self.slider.maximum() else ""
        self.controls.allow_steps(why_none or first, why_none, why_none or last)
        marked = run is not None and at in run.bookmarks
        with QSignalBlocker(self.star):
            self.star.setChecked(marked)
        self.star.setText(_STARS[marked])
        allow(self.star, _STAR_TIP, unless=why_none)


def _star() -> QToolButton:
    star = text_button(
        "runs.bookmark",
        _STARS[0],
        _STAR_TIP,
        spoken="Bookmark this epoch",
        takes_focus=True,
    )
    star.setCheckable(True)
    return star


_MARKS = GRID + GRID // 4  # px below the slider
_PAGE = 5  # kept epochs
_Action = QSlider.SliderAction


class EpochSlider(QSlider):
    """Its values are epochs of a run; it snaps to the nearest one that is kept.

    A mark stands under each of these; a ring under the best one, a triangle under bookmarked ones.
    `go_to` is given the epoch to which a person, or another program, has put the slider, even if it
    was there; `place` puts it somewhere without asking for that.
    """

    def __init__(self, go_to: Callable[[int], None]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._go_to = go_to
        self.kept: tuple[int, ...] = ()
        self._best: int | None = None
        self._bookmarks: frozenset[int] = frozenset()
        self._placing = False
        self.setObjectName("runs.epoch")
        self.setAccessibleName("Epoch of the run that is shown")
        self.setEnabled(False)
        self.valueChanged.connect(self._on_value)
        self.actionTriggered.connect(self._on_action)

    # --- what is kept ------------------------------------------------------------------------

    def show_epochs(
        self, kept: Sequence[int], best: int | None, bookmarks: Sequence[int], at: int
    ) -> None:
        """Go from the first kept epoch to the last, mark some, and stand at one."""
        before = self.kept, self._best, self._bookmarks
        self.kept, self._best = tuple(kept), best if best in kept else None
        self._bookmarks = frozenset(bookmarks) & frozenset(kept)
        self.setEnabled(bool(kept))
        self._placing = True
        self.setRange(kept[0] if kept else 0, kept[-1] if kept else 0)
        self._placing = False
        self.place(at)
        if before != (self.kept, self._best, self._bookmarks):
            self.update()

    def place(self, epoch: int) -> None:
        """Stand at the kept epoch that is nearest."""
        self._placing = True
        super().setValue(self.nearest(epoch))
        self._placing = False

    def nearest(self, epoch: int) -> int:
        """Return the kept epoch that is nearest; of two, the later one."""
        if not self.kept:
            return self.minimum()
        after = bisect_left(self.kept, epoch)
        near = self.kept[max(0, after - 1) : after + 1]
        return min(near, key=lambda each: (abs(each - epoch), -each))

    def kept_beside(self, steps: int) -> int:
        """Return the epoch so many kept ones further, or as far as there are some."""
        if not self.kept:
            return self.value()
        if steps > 0:
            place = bisect_right(self.kept, self.value()) + steps - 1
        else:
            place = bisect_left(self.kept, self.value()) + steps
        return self.kept[min(max(place, 0), len(self.kept) - 1)]

    # --- what moves it -----------------------------------------------------------------------

    def setValue(self, value: int) -> None:
        """Go to the nearest kept epoch and ask for it, also if the slider stands there."""
        self.place(value)
        if self.kept:
            self._go_to(self.value())

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
            self._go_to(wanted)  # else the change of value asks for it

    @Slot(int)
    def _on_value(self, value: int) -> None:
        if self._placing:
            return
        if value != self.nearest(value):  # Qt's own ways to change it know nothing of kept epochs
            super().setValue(self.nearest(value))
        else:
            self._go_to(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle here, and take hold of it."""
        if event.button() == Qt.MouseButton.LeftButton and self.kept:
            self.setSliderDown(True)
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle from kept epoch to kept epoch."""
        if self.isSliderDown():
            left, span = self._way()
            at, ends = round(event.position().x() - left), (self.minimum(), self.maximum())
            epoch = self.nearest(QStyle.sliderValueFromPosition(*ends, at, span))
            if epoch != self.value():
                self.setValue(epoch)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go, and ask for where it stands, though it may not have moved."""
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            self._go_to(self.value())

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
        if not self.kept:
            return
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.muted), 1))
        top = self._handle().bottom() + 2
        for x in self.across(*self.kept):
            painter.drawLine(QPointF(x, top), QPointF(x, top + _MARKS // 2))
        top += _MARKS // 2
        painter.setPen(QPen(QColor(colours.test), 1.5))
        if self._best is not None:
            (x,) = self.across(self._best)
            painter.drawEllipse(QPointF(x, top + 1), 3.5, 3.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.link))
        for x in self.across(*self._bookmarks):
            painter.drawPolygon(
                QPolygonF([QPointF(x - 4, top + 6), QPointF(x + 4, top + 6), QPointF(x, top - 1)])
            )

    def across(self, *epochs: int) -> list[float]:
        """Return where the middle of the handle is at some epochs, in px."""
        left, span = self._way()
        ends = self.minimum(), self.maximum()
        return [left + QStyle.sliderPositionFromValue(*ends, each, span) for each in epochs]

    def _way(self) -> tuple[float, int]:
        """Return where the middle of the handle goes along: from where, and over how many px."""
        groove, handle = self._part(QStyle.SubControl.SC_SliderGroove), self._handle()
        return groove.x() + handle.width() / 2, groove.width() - handle.width()

    def _handle(self) -> QRect:
        return self._part(QStyle.SubControl.SC_SliderHandle)

    def _part(self, part: QStyle.SubControl) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)
