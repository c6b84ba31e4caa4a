"""AddDrawing: what puts a drawing among the training samples, and counts those that are there."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from gui.theme import GRID, small_font
from gui.widgets.buttons import text_button
from gui.widgets.tooltips import plain_tooltip

_LEAST = 6  # letters of a class that there is room for
_TIP = "Add the drawing to the training samples, as one of this class; it is kept with the project"
_LIST_TIP = "Look at your own drawings among the training samples, and remove some"


class AddDrawing(QWidget):
    """A button and a list of classes; `show_all` is a button that shows the added drawings.

    `wanted` carries the name of the class that the drawing is to be one of.
    """

    wanted = Signal(str)
    list_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.add = text_button("draw.add", "Train as", _TIP, takes_focus=True)
        self.classes = QComboBox()
        self.classes.setObjectName("draw.class")
        self.classes.setAccessibleName("Class of the drawing")
        self.classes.setFont(small_font())
        self.classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.classes.setMinimumContentsLength(_LEAST)
        self.show_all = text_button("draw.own", "", _LIST_TIP, takes_focus=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        row.addWidget(self.add)
        row.addWidget(self.classes)
        self.add.clicked.connect(self._ask)
        self.show_all.clicked.connect(self.list_wanted)
        self.set_count(0)

    def set_classes(self, names: Sequence[str]) -> None:
        """Offer other classes; the chosen one stays chosen if it is among them."""
        chosen = self.classes.currentText()
        if [self.classes.itemText(place) for place in range(self.classes.count())] != list(names):
            with QSignalBlocker(self.classes):
                self.classes.clear()
                self.classes.addItems(list(names))
                self.classes.setCurrentIndex(max(0, self.classes.findText(chosen)))

    def set_count(self, count: int) -> None:
        """Say how many drawings there are."""
        self.show_all.setVisible(count > 0)
        self.show_all.setText(f"{count:,} of your own…")
        self.show_all.setAccessibleName(f"Your own drawings: {count:,}")

    def set_obstacle(self, reason: str) -> None:
        """Say why nothing can be added; empty: it can."""
        self.add.setEnabled(not reason)
        self.add.setToolTip(plain_tooltip(reason or _TIP))

    @Slot()
    def _ask(self) -> None:
        self.wanted.emit(self.classes.currentText())
