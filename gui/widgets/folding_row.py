"""FoldingRow: one row of controls; those for which it has no room are in a sheet below it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui.theme import GRID


class FoldingRow(QWidget):
    """Shows its parts side by side, the last of them in a sheet that `more` opens if they must.

    It is as high as one row at any width.
    """

    def __init__(
        self, parts: Sequence[QWidget], more: QToolButton, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._parts, self._more = parts, more
        self._kept = len(parts)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GRID // 2)
        for part in parts:
            self._row.addWidget(part)
        self._row.addWidget(more)
        self._row.addStretch(1)
        more.hide()
        more.clicked.connect(self._open)
        self.sheet = QFrame(self, Qt.WindowType.Popup)
        self.sheet.setObjectName(f"{more.objectName()}.sheet")
        self.sheet.setAccessibleName(more.accessibleName())
        self.sheet.setFrameShape(QFrame.Shape.StyledPanel)
        self.sheet.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # a click on `more` closes it
        self._column = QVBoxLayout(self.sheet)
        self._column.setContentsMargins(GRID, GRID, GRID, GRID)
        self._column.setSpacing(GRID // 2)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold as much as must be."""
        super().resizeEvent(event)
        self._fold()

    def hideEvent(self, event: QHideEvent) -> None:
        """Close the sheet with the row."""
        super().hideEvent(event)
        self.sheet.hide()

    def event(self, event: QEvent) -> bool:
        """Fold anew when a part asks for another size."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fold()
        return done

    def _fold(self) -> None:
        kept = self._room_for()
        if kept == self._kept:
            return
        self._kept = kept
        self.sheet.hide()
        for place, part in enumerate(self._parts):
            if place < kept:
                self._row.insertWidget(place, part)
            else:
                self._column.addWidget(part)
            part.show()
        self._more.setVisible(kept < len(self._parts))

    def _room_for(self) -> int:
        """Count the parts that have room in the row, the button for the others with them."""
        gap, room = self._row.spacing(), self.width()
        widths = [part.sizeHint().width() + gap for part in self._parts]
        if sum(widths) - gap <= room:
            return len(widths)
        room -= self._more.sizeHint().width()
        return max(kept for kept in range(len(widths)) if kept <= 1 or sum(widths[:kept]) <= room)

    @Slot()
    def _open(self) -> None:
        """Show the sheet below its button, within the screen."""
        self.sheet.adjustSize()
        corner = self._more.mapToGlobal(QPoint(0, self._more.height()))
        screen = self.screen().availableGeometry()
        corner.setX(min(corner.x(), screen.right() - self.sheet.width()))
        if corner.y() + self.sheet.height() > screen.bottom():
            corner.setY(corner.y() - self._more.height() - self.sheet.height())
        self.sheet.move(corner)
        self.sheet.show()
        self._parts[self._kept].setFocus(Qt.FocusReason.PopupFocusReason)
