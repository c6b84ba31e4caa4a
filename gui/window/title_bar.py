"""TitleBar: the title of a panel, with what exports, enlarges, floats and closes it."""

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui.theme import GRID
from gui.widgets.elision import ElidedLabel
from gui.widgets.icons import icon

BACK = "Back to all panels"
_ICON = 12  # px


class TitleBar(QWidget):
    """Stands above a panel; dragged, it moves the panel. A double-click enlarges or ends that.

    `menu_wanted` asks for the menu of the panel, at a place of the screen.
    """

    menu_wanted = Signal(QPoint)
    enlarging_wanted = Signal()
    floating_wanted = Signal()

    def __init__(self, dock: QDockWidget, *, enlarges: bool, exports: bool) -> None:
        super().__init__(dock)
        title = dock.windowTitle()
        self._enlarges = enlarges
        self._exports = exports
        self._title = title
        self._label = ElidedLabel()
        self._label.setAccessibleName(title)
        self.export = _button("export", f"Export {title} as picture, drawing or table")
        self.export.setVisible(exports)
        self.enlarge = _button("enlarge", f"Enlarge {title}")
        self.enlarge.setVisible(enlarges)
        self.float = _button("float", f"Put {title} into a window of its own, or back")
        self.close_button = _button("close", f"Close {title}; View > {title} brings it back")
        self.export.clicked.connect(self._ask_for_menu)
        self.enlarge.clicked.connect(self.enlarging_wanted)
        self.float.clicked.connect(self.floating_wanted)
        self.close_button.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, 1, 2, 1)
        row.setSpacing(0)
        row.addWidget(self._label, 1)
        row.addWidget(self.export)
        row.addWidget(self.enlarge)
        row.addWidget(self.float)
        row.addWidget(self.close_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_title(True)
        self.show_enlarged(False)

    def show_title(self, shown: bool) -> None:
        """Say the title, or leave that to the frame of a window."""
        self._label.setText(self._title if shown else "")

    def show_enlarged(self, enlarged: bool) -> None:
        """Offer the way back, in words, or to enlarge the panel."""
        style = Qt.ToolButtonStyle
        self.enlarge.setIcon(icon("put_back" if enlarged else "enlarge"))
        self.enlarge.setText(BACK)
        beside, alone = style.ToolButtonTextBesideIcon, style.ToolButtonIconOnly
        self.enlarge.setToolButtonStyle(beside if enlarged else alone)
        self.enlarge.setAutoRaise(not enlarged)
        words = "End the enlargement (Escape or F11)" if enlarged else "Enlarge this panel (F11)"
        self.enlarge.setToolTip(words)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the panel."""
        if self._exports:
            self.menu_wanted.emit(event.globalPos())

    @Slot()
    def _ask_for_menu(self) -> None:
        self.menu_wanted.emit(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge the panel, or end that."""
        if self._enlarges and event.button() == Qt.MouseButton.LeftButton:
            self.enlarging_wanted.emit()
            event.accept()
        else:
            super().mouseDoubleClickEvent(event)


def _button(name: str, spoken: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"title.{name}")
    button.setIcon(icon(name))
    button.setIconSize(QSize(_ICON, _ICON))
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setAccessibleName(spoken)
    button.setToolTip(spoken)
    return button
