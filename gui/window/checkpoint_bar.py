"""CheckpointBar: the line over the panels that says that they show a checkpoint of the past."""

from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QColor, QPalette
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from gui.theme import GRID, colours_of
from gui.widgets.buttons import action_button
from gui.widgets.labels import ElidedLabel, FixedLabel, plain_tooltip
from gui.widgets.layouts import in_row, named

MARK = "↶"


class CheckpointBar(QWidget):
    """Which checkpoint is shown, what that means, and the ways out; hidden in the present."""

    def __init__(self, *ways_out: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("moment_bar")
        self.setAccessibleName("Moment that the panels show")
        self.setAutoFillBackground(True)
        self._mark = QLabel(MARK)
        self.text = named(ElidedLabel(), "moment")
        row = in_row(
            self._mark,
            (FixedLabel(self.text), 1),
            of=self,
            gap=GRID,
            margins=(GRID, GRID // 2, GRID, GRID // 2),
        )
        for action in ways_out:
            button = action_button(action)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)  # of one with a menu
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click hides the bar: focus stays
            action.visibleChanged.connect(partial(_show_with, button, action))
            _show_with(button, action)
            row.addWidget(button)
        self._colour()
        self.hide()

    def show_checkpoint(self, text: str, tip: str) -> None:
        """Say which checkpoint is shown; none: hide."""
        self.setVisible(bool(text))
        if text:
            self.text.setText(text)
            self.text.setToolTip(plain_tooltip(tip))
            self.text.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        colours, palette = colours_of(self.palette()), self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(colours.past))
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colours.window))
        if palette != self.palette():
            self.setPalette(palette)


def _show_with(button: QToolButton, action: QAction) -> None:
    button.setVisible(action.isVisible())
