"""RepairBar: buttons for what would fix the problem of the network."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.advice.repairs import MOST, Repair, repairs_for
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.theme import GRID
from gui.widgets.buttons import OFFER_PADDING, OfferButton
from gui.widgets.elision import elide_button
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.tooltips import plain_tooltip


class RepairBar(QWidget):
    """Offers repairs, best first, in rows; takes no room while the network fits.

    Clicks leave the focus where it is: a field with typed text keeps it until the document asks.
    """

    emptied = Signal()  # the focus was on a button, and there is none left

    def __init__(self, document: Document, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Repairs")
        self._document, self._edits = document, edits
        self._repairs: tuple[Repair, ...] = ()
        flow = FlowLayout(self, gap=GRID // 2, row_gap=GRID // 4)
        self.buttons = [self._offer(number) for number in range(MOST)]
        for button in self.buttons:
            flow.addWidget(button)
        document.report_changed.connect(self._show_offers)
        document.settings_changed.connect(self._on_settings)
        document.locked_changed.connect(self._allow)
        self._show_offers()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten what is too long for the new width."""
        super().resizeEvent(event)
        self._fit()

    def _offer(self, number: int) -> OfferButton:
        button = OfferButton(number, "repair")
        button.clicked.connect(lambda: self._edits.apply_repair(self._repairs[number]))
        return button

    @Slot(object)
    def _on_settings(self, names: frozenset[str]) -> None:
        """Follow what the end of the network must give, also while a block before it is bad."""
        if names & {"classes", "loss"}:
            self._show_offers()

    @Slot()
    def _show_offers(self) -> None:
        """Offer what fixes the network as it is now."""
        had_focus = any(button.hasFocus() for button in self.buttons)
        self._repairs = repairs_for(self._document.stack, self._document.settings)
        for number, button in enumerate(self.buttons):
            button.setVisible(number < len(self._repairs))
        self._allow()
        self._fit()
        self.setVisible(bool(self._repairs))
        if had_focus and self._repairs:
            self.buttons[0].setFocus()
        elif had_focus:
            self.emptied.emit()

    @Slot()
    def _allow(self) -> None:
        locked = self._document.locked
        for button, repair in zip(self.buttons, self._repairs, strict=False):
            button.setAccessibleName(f"Repair: {repair.label}")
            button.setEnabled(not locked)
            button.setToolTip(plain_tooltip(LOCKED_REASON if locked else _explanation(repair)))

    def _fit(self) -> None:
        for button, repair in zip(self.buttons, self._repairs, strict=False):
            elide_button(button, repair.label, self.width() - 2 * OFFER_PADDING)


def _explanation(repair: Repair) -> str:
    """Return what a click does, and what is to be done then."""
    if repair.steps:
        steps = (f"{number}. {step}" for number, step in enumerate(repair.steps, 1))
        return "\n".join([f"{repair.label}, which one Undo takes back:", *steps])
    check = repair.stack.check(len(repair.settings.classes), repair.settings.loss)
    if check.problem is None:
        return f"{repair.label}. Then the network fits."
    return f"{repair.label}. Then this is left to fix: {check.problem.text}"
