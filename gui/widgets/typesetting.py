"""EquationLabel: an equation of the program's own, in serifs, italics and real subscripts."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import text_font
from gui.widgets.number_words import equation_html, pretty

USUAL, LARGE = 1.15, 2.0  # times the size of text


class EquationLabel(QLabel):
    """Shows equations; readers are told them as plain text."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.set_size(USUAL)

    def set_size(self, times: float) -> None:
        """Write so many times as large as text is at the usual magnification."""
        font = resized(self, times)
        font.setStyleHint(QFont.StyleHint.Serif)
        font.setFamily("serif")
        self.setFont(font)

    def show_equations(self, *equations: str) -> None:
        """Show equations one below the other."""
        self.setText("<br>".join(map(equation_html, equations)))
        self.setAccessibleName("\n".join(map(pretty, equations)))


def head(label: QWidget, *, large: bool) -> None:
    """Write a headline, where there is the room for it in large letters."""
    font = resized(label, LARGE if large else USUAL)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)


def resized(widget: QWidget, times: float) -> QFont:
    """Return a font so many times as large as that of all text, with what else a widget's has."""
    font = QFont(widget.font())
    font.setPointSizeF(times * text_font().pointSizeF())
    return font
