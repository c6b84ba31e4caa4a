"""AboutWindow: what the program is, and the versions of all that it is made of."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.version import version
from gui.help.program_facts import facts_text, program_facts
from gui.theme import GRID, set_muted, text_font
from gui.widgets.dialogs import bring_to_front, button_row, push_button
from gui.widgets.plain_labels import plain_label

_ICON = 8 * GRID
_PURPOSE = (
    "Build small convolutional networks by clicking, train them, and look inside while they learn."
)
_LICENCES = (
    "Licence: none has been chosen for Layerscope yet; all rights stay with its authors. It uses "
    "Qt for Python under the LGPL 3, pyqtgraph under the MIT licence, pillow under the MIT-CMU "
    "licence, safetensors and requests under the Apache licence 2.0, and numpy, scipy, numba, "
    "msgspec, pooch, psutil and threadpoolctl under BSD licences."
)
_DIGITS = (
    "The bundled digits are of the MNIST database by Yann LeCun, Corinna Cortes and Christopher "
    "J. C. Burges, under the licence CC BY-SA 3.0."
)


class AboutWindow(QDialog):
    """Says which version this is, and copies that for a report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setWindowTitle("About Layerscope")
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(2 * GRID)
        self._facts.setVerticalSpacing(GRID // 2)
        copy = push_button("about.copy", "&Copy", "Copy these versions as text")
        copy.clicked.connect(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        column.setSpacing(2 * GRID)
        column.addLayout(_head())
        column.addLayout(self._facts)
        column.addWidget(_muted("about.licence", _LICENCES))
        column.addWidget(_muted("about.digits", _DIGITS))
        column.addStretch(1)
        column.addLayout(button_row(self, copy))

    def open_window(self) -> None:
        """Measure anew, and come to the front."""
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for name, value in program_facts()[1:]:  # the head says the first
            label, text = QLabel(name), plain_label()
            set_muted(label)
            text.setText(value)
            text.setWordWrap(True)
            text.setAccessibleName(name)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addRow(label, text)
        self.resize(60 * GRID, self.sizeHint().height())
        bring_to_front(self)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(facts_text())


def _muted(name: str, words: str) -> QLabel:
    label = plain_label(words)
    label.setObjectName(name)
    label.setWordWrap(True)
    set_muted(label)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _head() -> QHBoxLayout:
    picture = QLabel()
    picture.setPixmap(QGuiApplication.windowIcon().pixmap(_ICON, _ICON))
    picture.setAccessibleName("Icon of Layerscope")
    name, purpose = QLabel(f"Layerscope {version()}"), QLabel(_PURPOSE)
    font = text_font()
    font.setPointSizeF(1.5 * font.pointSizeF())
    font.setBold(True)
    name.setFont(font)
    name.setObjectName("about.version")
    purpose.setWordWrap(True)
    words = QVBoxLayout()
    words.addWidget(name)
    words.addWidget(purpose)
    row = QHBoxLayout()
    row.setSpacing(2 * GRID)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    return row
