"""The glass panel: every number of forward and backward, on the user's own sample and weights."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QTabWidget, QWidget

from gui.glass.specimen import Front, GlassView, Specimen, copy_words
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedLabel, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_words import short
from gui.widgets.play_controls import PlayControls
from gui.widgets.segments import Segments
from gui.workspace.panel import BasePanel

_EMPTY = (
    "Working out one training step for the selected image …\n"
    "The first time on a machine, this takes some seconds."
)


class GlassPanel(BasePanel):
    """Shows a specimen in one of its views, and goes through it step by step.

    The setters only store; `refresh` draws when `dirty`. `drawn` says that the newest is shown.
    """

    drawn = Signal()

    def __init__(self, views: Sequence[tuple[str, GlassView]]) -> None:
        super().__init__("glass", "Step by step")
        self.specimen: Specimen | None = None
        self._front: Front | None = None
        self._why_none = _EMPTY
        self._views = [view for _, view in views]
        self.sample = named(ElidedLabel(), "glass.sample", muted=True)
        self.copy = named(ElidedLabel(), "glass.copy", muted=True)
        self.sample.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.sample.setMinimumWidth(1)  # less than all of the text
        self.fresh = text_button("glass.fresh", "Refresh", "Copy the weights as they are now")
        self.tabs = named(QTabWidget(), "glass.views")
        self.tabs.setTabBar(Segments("glass.switch", "Views under glass"))
        self.tabs.setDocumentMode(True)
        self.transport = PlayControls("glass", self._advance, self._retreat)
        for title, view in views:
            self.tabs.addTab(view, title)
            view.held.connect(self.transport.stop)
            view.moved.connect(self._tell_place)
        self._arrange()
        self.tabs.currentChanged.connect(self._turn_to)
        self.tabs.tabBarClicked.connect(self._give_focus)

    def show_specimen(self, specimen: Specimen | None, why_none: str = _EMPTY) -> None:
        """Store what lies under glass, or why nothing does."""
        self.specimen, self._why_none, self._front = specimen, why_none, None
        self.dirty = True

    def show_front(self, front: Front) -> None:
        """Store what can be shown of a network that does not fit as a whole."""
        self.specimen, self._why_none, self._front = None, front.why, front
        self.dirty = True

    def set_training(self, training: bool) -> None:
        """Say whether the weights change now: then the copy stays until a new one is wanted."""
        self.fresh.setVisible(training)

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the specimen in the view in front, one part after the other."""
        self.dirty = False
        specimen = self.specimen
        if specimen is None:
            return [self._show_nothing]
        said = partial(self._say_what_is_shown, specimen)
        return [said, self._show_in_front, *self._empty.parts(), self.drawn.emit]

    def _show_nothing(self) -> None:
        self.transport.stop()
        if self._front is None or not self._refresh_front(self._front):
            self._empty.show_sentence(self._why_none)

    def _say_what_is_shown(self, specimen: Specimen) -> None:
        for place in range(self.tabs.count()):
            self.tabs.setTabEnabled(place, True)
            self.tabs.setTabToolTip(place, self.tabs.tabText(place))  # it may be cut
        self.copy.setText(copy_words(specimen.project))
        loss = short(specimen.step.loss.value)
        self.sample.setText(f"{specimen.caption} · loss {loss}")

    def _refresh_front(self, front: Front) -> bool:
        """Draw the blocks that fit in the views that can; return whether any can."""
        able = [view.show_front(front) for view in self._views]
        for place, shows in enumerate(able):
            self.tabs.setTabEnabled(place, shows)
            words = self.tabs.tabText(place) if shows else plain_tooltip(front.why)
            self.tabs.setTabToolTip(place, words)
        if not any(able):
            return False
        self.tabs.setCurrentIndex(able.index(True))
        self.sample.setText(front.caption)
        self.copy.setText(front.why)
        self._tell_place()
        self._empty.show_content()
        return True

    def _arrange(self) -> None:
        self.tabs.setCornerWidget(self.fresh, Qt.Corner.TopRightCorner)
        self.fresh.hide()
        said = in_row(self.sample, (self.copy, 1), 0, gap=2 * GRID)
        content = QWidget()
        margins = (GRID, GRID // 2, GRID, GRID // 2)
        in_column((self.tabs, 1), said, self.transport, of=content, margins=margins)
        self._empty = EmptyState(content, _EMPTY)
        in_column(self._empty, of=self)
        # The keys of a presenter's remote do what the transport does.
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for key, go in ((Qt.Key.Key_PageDown, self._advance), (Qt.Key.Key_PageUp, self._retreat)):
            QShortcut(QKeySequence(key), self, go, context=within)

    def _show_in_front(self) -> None:
        view = self._front_view()
        if self.specimen is not None and view.specimen is not self.specimen:
            view.show_specimen(self.specimen)
        self._tell_place()

    def _tell_place(self) -> None:
        """Say how far one has come in the view in front, and whether there is a way to go."""
        view = self._front_view()
        obstacle = view.obstacle()
        self.transport.setVisible(not obstacle)
        if obstacle:
            self.transport.stop()
        self.transport.show_place(view.place)

    @Slot()
    def _turn_to(self) -> None:
        self.transport.stop()
        self._show_in_front()

    @Slot(int)
    def _give_focus(self, place: int) -> None:
        """Let the arrow keys go through the view that is chosen with the pointer."""
        if self.tabs.isTabEnabled(place):
            self.tabs.setCurrentIndex(place)
            self._views[place].for_keys.setFocus()

    def _front_view(self) -> GlassView:
        return self._views[self.tabs.currentIndex()]

    def _can_go(self) -> bool:
        """Return whether there is something to go through."""
        return not self._empty.sentence() and not self._front_view().obstacle()

    @Slot()
    def _advance(self) -> None:
        if not self._can_go() or self._front_view().go(1):
            return
        if self.transport.playing:
            self.transport.stop()
        else:
            self._front_view().restart()

    @Slot()
    def _retreat(self) -> None:
        if self._can_go():
            self._front_view().go(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the arrow keys go through the view in front."""
        super().focusInEvent(event)
        self._give_focus(self.tabs.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play with Space, where no control wants it; elsewhere that trains."""
        if event.key() == Qt.Key.Key_Space and self.transport.isVisible():
            self.transport.play.toggle()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop playing: it cannot be seen."""
        self.transport.stop()
        super().hideEvent(event)
