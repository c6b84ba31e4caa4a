"""TimeBar: the time machine's controls; it asks for moments of a run."""

import re

from PySide6.QtCore import QEvent, QSignalBlocker, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QToolButton, QWidget

from engine.runs.run_folder import Run
from engine.training.best_epoch import ranked_by
from gui.runs.epoch_slider import EpochSlider
from gui.runs.run_actions import NOTHING_CHOSEN
from gui.theme import GRID, colours_of, small_font
from gui.widgets.buttons import allow, text_button
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.play_controls import PlayControls

_TIPS = (
    "Show the kept epoch before this one",
    "Show one kept epoch after the other",
    "Show the next kept epoch",
)
_SLIDER_TIP = "Put the window back to an epoch of this run"
_STAR_TIP = "Bookmark this epoch: its weights are kept"
_GONE = "The run that the window shows is gone from the list: no step leads on from it."
_FIRST, _LAST = "This is the first kept epoch.", "This is the last kept epoch."
_ENDS = ("◂", "▸")
_STARS = ("☆", "★")


class TimeBar(QWidget):
    """A slider over the kept epochs of the chosen run, and what plays them.

    `moment_wanted` carries the run and an epoch of it, `bookmarked` also whether it is to be
    marked. In the present the slider stands at the last kept epoch, and goes on with a run that
    grows.
    """

    moment_wanted = Signal(object, int)
    bookmarked = Signal(object, int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._looked: tuple[str, int] | None = None  # key of the run, and epoch; None: the present
        self._when: tuple[str, ...] = ()  # that is, in words and in fewer
        self._gone = False  # the run that the window shows
        self._asked: tuple[str, int] | None = None  # which is on its way
        self.slider = EpochSlider()
        self.controls = PlayControls("runs", _TIPS, _ENDS)
        self.star = _star()
        self.state = ElidedLabel()
        self.state.setObjectName("runs.state")
        self.state.setAccessibleName("Moment that the window shows; empty in the present")
        self.state.setFont(small_font())
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._arrange()
        self.slider.epoch_wanted.connect(self._on_epoch)
        self.slider.valueChanged.connect(self._show_place)
        self.controls.next_wanted.connect(self._go_on)
        self.controls.back_wanted.connect(lambda: self._go(-1))
        self.controls.play.toggled.connect(self._begin_anew)
        self.star.clicked.connect(self._mark)
        self.show_run(None)
        self._colour()

    def set_low(self, low: bool) -> None:
        """Put all into one row, or the slider above the rest."""
        direction = QBoxLayout.Direction
        self._parts.setDirection(direction.LeftToRight if low else direction.TopToBottom)

    @property
    def run(self) -> Run | None:
        """The run whose epochs are shown."""
        return self._run

    def show_run(self, run: Run | None) -> None:
        """Show the epochs of another run, or those that a run has now."""
        if run is None or self._run is None or run.key != self._run.key:
            self.controls.stop()
        self._run = run
        kept = () if run is None else run.kept_epochs
        at = kept[-1] if kept else 0
        moment = self._asked or self._looked
        if run is not None and moment is not None and moment[0] == run.key:
            at = moment[1]
        best = None if run is None else run.best
        marked = () if run is None else run.bookmarks
        self.slider.show_epochs(kept, None if best is None else best.epoch, marked, at)
        self.controls.keep_room(_longest_place(run))
        self._show_place()

    def show_moment(self, title: str, run: str, epoch: int, when: str, *shorter: str) -> None:
        """Say which moment the window shows: title and key of a run, the epoch, when in words."""
        self._looked = run, epoch
        if self._asked == self._looked:
            self._asked = None
        self._when = when, *shorter
        self._say_moment(title)
        newer_comes = self._asked is not None  # the slider stands there already
        if self._run is not None and self._run.key == run and not newer_comes:
            self.slider.place(epoch)
        self._show_place()

    def _say_moment(self, title: str) -> None:
        self.state.set_texts(f"{title}, {self._when[0]}", *self._when)

    def set_listed(self, run: Run | None, gone: bool) -> None:
        """Say how a run was listed last, and whether the one that the window shows is gone.

        Then no step leads on from there.
        """
        if run is not None and self._looked is not None and run.key == self._looked[0]:
            self._say_moment(run.title)
        self._gone = gone
        if gone:
            self.controls.stop()
        self._show_place()

    def show_present(self) -> None:
        """Say that the window shows the network as it is now."""
        self._looked = self._asked = None
        self.controls.stop()
        self.state.set_texts("")
        self.show_run(self._run)

    def forget_wish(self) -> None:
        """Wait no longer for a moment that was asked for."""
        self._asked = None
        self.show_run(self._run)

    # --- what is asked for -------------------------------------------------------------------

    @Slot(int)
    def _on_epoch(self, epoch: int) -> None:
        if self._run is not None:
            self._asked = self._run.key, epoch
            self.moment_wanted.emit(self._run, epoch)

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
        if self._run is not None:
            self.bookmarked.emit(self._run, self.slider.value(), on)
        self._show_place()  # the run says whether it is marked

    # --- what is said ------------------------------------------------------------------------

    @Slot()
    def _show_place(self) -> None:
        run, at = self._run, self.slider.value()
        there = run is not None and bool(run.kept_epochs)
        words = [""]
        if run is not None and there:
            age, last = f"{run.age(at):,}", f"{run.age(run.epochs):,}"
            there_of = f"epoch {age} of {last}"
            words = [f"{run.short_title}, {there_of}", there_of, f"epoch {age}", age]
        self.controls.show_place(*words)
        # Beside the slider stands what is said of its run, whichever run the window shows.
        shown = None if self._looked is None else self._looked[0]
        self.controls.show_other(run is not None and run.key == shown)
        why_none = _why_nothing(run)
        best = None if run is None else run.best
        ring = "" if best is None else f". ○ The best by {ranked_by(best)} accuracy"
        allow(self.slider, f"{_SLIDER_TIP}{ring}", unless=why_none)
        no_step = why_none or (_GONE if self._gone else "")
        first = _FIRST if at <= self.slider.minimum() else ""
        last = _LAST if at >= self.slider.maximum() else ""
        self.controls.allow_steps(no_step or first, no_step, no_step or last)
        marked = run is not None and at in run.bookmarks
        with QSignalBlocker(self.star):
            self.star.setChecked(marked)
        self.star.setText(_STARS[marked])
        allow(self.star, _STAR_TIP, unless=why_none)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colour of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colours_of(palette).past))
        self.state.setPalette(palette)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        row.addWidget(self.controls, 1)
        row.addWidget(self.star)
        self._parts.setContentsMargins(0, 0, 0, 0)
        self._parts.setSpacing(GRID // 2)
        self._parts.addWidget(self.slider, 1)
        self._parts.addLayout(row, 2)
        self.controls.share_place(FixedLabel(self.state))


def _why_nothing(run: Run | None) -> str:
    """Return why there is no epoch to go to; empty if there is one."""
    if run is None:
        return NOTHING_CHOSEN
    return "" if run.kept_epochs else run.why_no_weights


def _longest_place(run: Run | None) -> str:
    """Return the longest of the brief words for a moment of a run."""
    if run is None:
        return ""
    within = "in " if run.description.project.trained_part else ""
    return f"{within}epoch {re.sub('[0-9]', '0', f'{run.age(run.epochs) + 1:,}')}"


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
