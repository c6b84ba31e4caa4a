"""InkPalette: the colour that a brush has, and the colour of the paper."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QColorDialog, QComboBox, QToolButton, QWidget

from gui.theme import GRID, small_font
from gui.widgets.buttons import text_button
from gui.widgets.confusion_colours import text_colour
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.plain_labels import label_for_readers

INKS = {
    "black": "#000000",
    "white": "#ffffff",
    "red": "#d7322d",
    "orange": "#f08c1e",
    "yellow": "#f5d832",
    "green": "#28a546",
    "blue": "#3255d7",
    "violet": "#8c46be",
}
_PAPERS = {"black": "#000000", "grey": "#808080", "white": "#ffffff"}
OF_DATA = "as in the data"
_SIDE = 12  # px of a colour
_DOT = 4  # px of the mark of the chosen one


class InkPalette(QWidget):
    """A button for each of a few colours, one for any other, and a list of papers.

    `ink_chosen` and `paper_chosen` carry a colour such as `#d7322d`.
    """

    ink_chosen = Signal(str)
    paper_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of_data = _PAPERS["black"]
        self._own = "#00a0a0"  # before another is chosen
        self._group = QButtonGroup(self)
        self.inks = {name: self._ink(name, colour) for name, colour in INKS.items()}
        self.other = self._ink("other", self._own)
        self.other.setAccessibleName("Brush in any other colour")
        self.other.setToolTip("Brush in any other colour: click to choose it")
        self.other.setIcon(_icon(*INKS.values()))
        self.paper = QComboBox()
        self.paper.setObjectName("draw.paper")
        self.paper.setAccessibleName("Paper")
        self.paper.setToolTip("What the drawing lies on; the right button draws with it")
        self.paper.setFont(small_font())
        self.paper.addItems([f"paper: {name}" for name in (OF_DATA, *_PAPERS)])
        self.paper.activated.connect(self._choose_paper)
        row = FlowLayout(gap=GRID // 4, row_gap=GRID // 2)
        for widget in (*self.inks.values(), self.other, self.paper):
            row.addWidget(widget)
        self.setLayout(row)
        label_for_readers(self)
        self.inks["red"].setChecked(True)

    def ink(self) -> str:
        """The colour of the brush."""
        checked = self._group.checkedButton()
        return next(
            (INKS[name] for name, button in self.inks.items() if button is checked), self._own
        )

    def paper_colour(self) -> str:
        """The colour of the paper."""
        return [self._of_data, *_PAPERS.values()][self.paper.currentIndex()]

    def set_data_paper(self, colour: str) -> None:
        """Take note of which paper the images of the data have."""
        self._of_data = colour

    def _ink(self, name: str, colour: str) -> QToolButton:
        button = text_button(f"draw.ink.{name}", "", f"Brush: {name}", spoken=f"Brush: {name}")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIcon(_icon(colour))
        button.setIconSize(QSize(_SIDE, _SIDE))
        button.clicked.connect(self._choose_other if name == "other" else self._choose_ink)
        self._group.addButton(button)
        return button

    @Slot()
    def _choose_ink(self) -> None:
        self.ink_chosen.emit(self.ink())

    @Slot()
    def _choose_other(self) -> None:
        """Ask for a colour; without an answer the last own one is taken."""
        colour = QColorDialog.getColor(QColor(self._own), self, "Colour of the brush")
        if colour.isValid():
            self._own = colour.name()
            self.other.setIcon(_icon(self._own))
        self.ink_chosen.emit(self.ink())

    @Slot()
    def _choose_paper(self) -> None:
        self.paper_chosen.emit(self.paper_colour())


def _icon(*colours: str) -> QIcon:
    """Draw a square of a colour, or of stripes of several; the chosen one has a dot."""
    picture = QPixmap(_SIDE, _SIDE)
    painter = QPainter(picture)
    for number, colour in enumerate(colours):
        left = number * _SIDE // len(colours)
        painter.fillRect(left, 0, _SIDE, _SIDE, QColor(colour))
    painter.setPen(QColor("#808080"))  # so that black and white are seen on any ground
    painter.drawRect(0, 0, _SIDE - 1, _SIDE - 1)
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(_dotted(picture), QIcon.Mode.Normal, QIcon.State.On)
    return icon


def _dotted(picture: QPixmap) -> QPixmap:
    """Put a dot in the middle that is seen on what is there."""
    dotted, left = QPixmap(picture), (_SIDE - _DOT) // 2
    ground = picture.toImage().pixelColor(_SIDE // 2, _SIDE // 2)
    painter = QPainter(dotted)
    painter.fillRect(left, left, _DOT, _DOT, text_colour(ground))
    painter.end()
    return dotted
