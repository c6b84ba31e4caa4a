"""The button in the corner of a plot that shows everything again."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from gui.widgets.buttons import text_button


def fit_button(plot: QWidget, fit: Callable[[], object]) -> QToolButton:
    """Return the button, which takes no focus from the plot."""
    button = text_button(
        "plot.fit",
        "Fit",
        "Show everything again (or double-click)",
        spoken="Fit: show everything again",
    )
    button.setParent(plot)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.clicked.connect(fit)
    return button
