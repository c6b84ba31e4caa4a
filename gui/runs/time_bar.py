"""TimeBar: the time machine's controls; it asks for checkpoints of a run."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
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
        self.slider.setValue(self.slider.value() + steps)

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
            self.bookmarked.emit(self.run, self.slider.epoch, on)
        self._show_place()  # the run says whether it is marked

    # --- what is said ------------------------------------------------------------------------

    @Slot()
    def _show_place(self) -> None:
        run, at = self.run, self.slider.epoch
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
        first = _FIRST if self.slider.value() <= self.slider.minimum() else ""
        last = _LAST if self.slider.value() >= self.slider.maximum() else ""
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


_MARKS = GRID  # px below the slider
_PAGE = 5  # kept epochs


class EpochSlider(QSlider):
    """Has a step for each kept epoch of a run, a ring under the best, a triangle under bookmarks.

    `go_to` is given the epoch to which a person, or another program, has put the slider, even if it
    was there.
    """

    def __init__(self, go_to: Callable[[int], None]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._go_to = go_to
        self.kept: tuple[int, ...] = ()
        self._marks: tuple[int | None, frozenset[int]] = None, frozenset()
        self.setObjectName("runs.epoch")
        self.setAccessibleName("Kept epoch of the run that is shown")
        self.setPageStep(_PAGE)
        self.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.setFixedHeight(self.sizeHint().height() + _MARKS)
        self.valueChanged.connect(self._ask)
        self.actionTriggered.connect(self._on_action)

    @property
    def epoch(self) -> int:
        """The epoch at which it stands."""
        return self.kept[self.value()] if self.kept else 0

    def show_epochs(
        self, kept: Sequence[int], best: int | None, bookmarks: Sequence[int], at: int
    ) -> None:
        """Go from the first kept epoch to the last, mark some, and stand at one."""
        self.kept, self._marks = tuple(kept), (best, frozenset(bookmarks))
        self.setEnabled(bool(kept))
        with QSignalBlocker(self):
            self.setRange(0, max(0, len(kept) - 1))
            self.setValue(bisect_left(self.kept, at))
        self.update()

    @Slot()
    def _ask(self) -> None:
        if self.kept:
            self._go_to(self.epoch)

    @Slot()
    def _on_action(self) -> None:
        if self.sliderPosition() == self.value():  # else the change of value asks for it
            self._ask()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle here and take hold of it, as Qt does by the middle button."""
        middle, at = Qt.MouseButton.MiddleButton, (event.position(), event.globalPosition())
        if event.button() == Qt.MouseButton.LeftButton:
            event = QMouseEvent(event.type(), *at, middle, middle, event.modifiers())
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slider, and the marks below."""
        super().paintEvent(event)
        colours, (best, bookmarks) = colours_of(self.palette()), self._marks
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, epoch in enumerate(self.kept):
            at = QPointF(self.across(place), self.height() - _MARKS / 2)
            if epoch == best:
                painter.setPen(QPen(QColor(colours.test), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, 3.5, 3.5)
            if epoch in bookmarks:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.link))
                corners = QPointF(-4, 4), QPointF(4, 4), QPointF(0, -4)
                painter.drawPolygon([at + corner for corner in corners])

    def across(self, place: int) -> float:
        """Return where the middle of the handle is at a value, in px."""
        option, control = QStyleOptionSlider(), QStyle.ComplexControl.CC_Slider
        self.initStyleOption(option)
        groove, handle = (
            self.style().subControlRect(control, option, part, self)
            for part in (QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle)
        )
        span = groove.width() - handle.width()
        at = QStyle.sliderPositionFromValue(0, self.maximum(), place, span)
        return groove.x() + handle.width() / 2 + at
