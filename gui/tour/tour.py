"""Tour: walks a newcomer through the window, one card after the other."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from gui.background.mailbox import Speed
from gui.theme import GRID
from gui.tour.card import TargetFrame, TourCard
from gui.tour.placing import place_card
from gui.tour.steps import TourStep, steps_of
from gui.tour.window_parts import WindowParts

WAIT = "Getting ready: at the first start this takes some seconds."
LOOK_MILLISECONDS = 100  # from one look at where everything is to the next


class Tour(QObject):
    """Shows the steps of the tour beside what they speak of, until it is ended.

    The window stays in use meanwhile. Where the network does not allow a tour, it says why.
    """

    def __init__(self, parts: WindowParts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._steps: list[TourStep] = []
        self._number = 0
        self._prepared = False
        self._speed_before: Speed | None = None  # None: the tour has not changed it
        self._card: TourCard | None = None
        self._frame: TargetFrame | None = None
        self._escape: QShortcut | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        parts.session.state_changed.connect(self._on_state)
        parts.session.data_loaded.connect(self._begin_again)
        parts.document.report_changed.connect(self._begin_again)

    @property
    def running(self) -> bool:
        """Whether a card is shown."""
        return self._card is not None

    @Slot()
    def start(self) -> None:
        """Begin with the first step."""
        self.end()
        window = self._parts.window
        self._frame = TargetFrame(window)
        self._card = card = TourCard(window)
        card.next_wanted.connect(self.next)
        card.back_wanted.connect(self.back)
        card.end_wanted.connect(self.end)
        card.help_wanted.connect(self._parts.menus.new[0].trigger)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window, self.end)
        self._number = 0
        card.setFocus()
        self._begin_again()
        self._timer.start()

    @Slot()
    def end(self) -> None:
        """Take card and frame away, and leave the window as it was."""
        if self._card is None:
            return
        self._timer.stop()
        self._parts.end_enlarging()
        self._parts.network.keep_foot_free(0)
        self._end_leisure()
        if self._is_attended(self._card):  # Qt would hand the keys on to a field
            self._parts.network.block_list.setFocus()
        for thing in (self._card, self._frame, self._escape):
            if thing is not None:
                thing.setParent(None)
                thing.deleteLater()
        self._card = self._frame = self._escape = None

    @Slot()
    def next(self) -> None:
        """Go to the next step; after the last one the tour ends."""
        number = self._wanted_from(self._number + 1, 1)
        if number is None:
            self.end()
        else:
            self._show(number)
            self._focus()

    @Slot()
    def back(self) -> None:
        """Go to the step before, if there is one."""
        number = self._wanted_from(self._number - 1, -1)
        if number is not None:
            self._show(number)
            self._focus()

    # --- steps -------------------------------------------------------------------------------

    @Slot()
    def _begin_again(self) -> None:
        """Make the steps for the network as it is now; the tour stays where it was."""
        if self._card is None:
            return
        attended = self._is_attended(self._card)
        obstacle = self._parts.obstacle()
        self._steps = [] if obstacle else steps_of(self._parts)
        self._card.have_room_for([step.words() for step in self._steps] or [obstacle])
        if obstacle:
            self._show_obstacle(self._card, obstacle)
        else:
            self._show(min(self._number, len(self._steps) - 1))
        if attended:  # else the user is at work elsewhere
            self._focus()

    @staticmethod
    def _is_attended(card: TourCard) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and (focused is card or card.isAncestorOf(focused))

    def _focus(self) -> None:
        if self._card is not None:
            (self._card.next if self._steps else self._card.help).setFocus()

    def _wanted_from(self, number: int, direction: int) -> int | None:
        while 0 <= number < len(self._steps):
            if self._steps[number].wanted():
                return number
            number += direction
        return None

    def _show(self, number: int) -> None:
        card = self._card
        if card is None:
            return
        self._number, self._prepared = number, False
        card.help.hide()
        card.back.setVisible(self._wanted_from(number - 1, -1) is not None)
        card.next.setVisible(True)
        last = self._wanted_from(number + 1, 1) is None
        card.next.setText("Done" if last else "Next ▶")
        card.show()
        self._look()

    def _show_obstacle(self, card: TourCard, obstacle: str) -> None:
        new = self._parts.menus.new[0]
        card.back.hide()
        card.next.hide()
        card.help.setText("Take the first network")
        card.help.setEnabled(new.isEnabled())
        card.help.setToolTip("File > New > First network" if new.isEnabled() else new.toolTip())
        card.help.show()
        card.count.clear()
        card.show_words("The tour waits", obstacle)
        card.show()
        self._look()

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if self._card is not None and self._steps and state in self._steps[self._number].until:
            self.next()

    def _train_at_leisure(self) -> None:
        session = self._parts.session
        if self._speed_before is None:
            self._speed_before = session.speed
            session.set_speed("slow")

    def _end_leisure(self) -> None:
        """Train as fast as before, unless the user has chosen another speed meanwhile."""
        before, self._speed_before = self._speed_before, None
        if before is not None and self._parts.session.speed == "slow":
            self._parts.session.set_speed(before)

    # --- where everything is -----------------------------------------------------------------

    @Slot()
    def _look(self) -> None:
        """Put card and frame where they belong now; windows are resized, panels moved."""
        card, frame = self._card, self._frame
        if card is None or frame is None:
            return
        step = self._steps[self._number] if self._steps else None
        if step is not None and not self._prepared:
            self._prepared = step.prepare()
            if step.at_leisure:
                self._train_at_leisure()
            else:
                self._end_leisure()
            card.count.setText(f"{self._number + 1} of {len(self._steps)}")
        if step is not None:
            words = step.words()
            card.show_words(step.title, words if self._prepared else f"{words}\n\n{WAIT}")
        targets = [self._parts.network.block_list] if step is None else list(step.target())
        around = [] if step is None or step.beside is None else self._areas([step.beside])
        target = self._areas(targets)
        frame.surround(target[0] if target else None)
        places = [*around, *target] if target else []
        self._parts.network.keep_foot_free(card.usual_height + GRID)
        home = self._home()
        corner = place_card(self._parts.window.rect(), home, places, card.size())
        if card.pos() != corner:
            card.move(corner)
        card.raise_()

    def _home(self) -> QRect:
        """Return the area of the network's panel, at whose foot there is room; empty: not there."""
        window, network = self._parts.window, self._parts.network
        if network.window() is not window or network.visibleRegion().isEmpty():
            return QRect()
        return QRect(network.mapTo(window, QPoint(0, 0)), network.size())

    def _areas(self, widgets: Sequence[QWidget]) -> list[QRect]:
        """Return the area of widgets that can be seen in the window, less their margins.

        It is one, or none.
        """
        window, whole = self._parts.window, QRect()
        for widget in widgets:
            if widget.window() is window and not widget.visibleRegion().isEmpty():
                layout = widget.layout()
                inner = widget.rect() if layout is None else layout.contentsRect()
                whole = whole.united(inner.translated(widget.mapTo(window, QPoint(0, 0))))
        return [whole] if whole.isValid() else []
