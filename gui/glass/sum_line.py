"""SumLine: a finished cell as the sum that makes it, with the result beside its equals sign."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.theme import GRID, set_muted
from gui.widgets.elision import ElidedLabel
from gui.widgets.plain_labels import plain_label


class SumLine(QWidget):
    """Writes the sum in the longest of several ways that fits into its width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ways: Sequence[str] = [""]
        self.made = ElidedLabel()
        self.made.setObjectName("glass.made_of")
        self.made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.made.setMinimumWidth(1)  # less than all of the text
        set_muted(self.made)
        self.result = plain_label()
        self.result.setObjectName("glass.sum")
        self.result.setAccessibleName("The finished cell")
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        bold = self.result.font()
        bold.setBold(True)
        self.result.setFont(bold)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        row.addStretch(1)
        row.addWidget(self.made)
        row.addWidget(self.result)
        row.addStretch(1)

    def show_sum(self, ways: Sequence[str], result: str, all_terms: str) -> None:
        """Show a sum, written in ways that begin with the longest; a tooltip lists its terms."""
        self._ways = ways
        self.result.setText(result)
        self.made.setToolTip(all_terms)
        self._choose_way()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write the sum as it fits now."""
        super().resizeEvent(event)
        self._choose_way()

    def _choose_way(self) -> None:
        room = self.width() - self.result.sizeHint().width() - GRID
        advance = self.made.fontMetrics().horizontalAdvance
        fitting = (way for way in self._ways if advance(way) <= room)
        self.made.setText(next(fitting, self._ways[-1]))
