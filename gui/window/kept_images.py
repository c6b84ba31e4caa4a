"""KeptImagesWindow: how much room decoded images take, and how much they may take."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from gui.theme import GRID, set_muted
from gui.widgets.dialogs import bring_to_front, button_row, push_button
from gui.widgets.plain_labels import plain_label, wrapping_label
from gui.widgets.problem_label import ProblemLabel

_MOST = 1_000_000  # MB
_STEP = 500  # MB
_WHY = (
    "Image files that take long to decode are decoded once. What came of them is kept in a folder "
    "of Layerscope's own, so that they load sooner. Clearing it loses nothing."
)


class KeptImagesWindow(QDialog):
    """A window with what is kept, a limit, and a button that removes all.

    `limit_chosen` carries megabytes.
    """

    limit_chosen = Signal(int)
    clear_wanted = Signal()

    def __init__(self, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kept_images")
        self.setWindowTitle("Decoded images")
        why = wrapping_label("kept_images.why")
        why.setText(_WHY)
        where = wrapping_label("kept_images.folder")
        where.setText(folder)
        set_muted(where)
        self.taken = wrapping_label("kept_images.taken")
        self.limit = QSpinBox()
        self.limit.setObjectName("kept_images.limit")
        self.limit.setAccessibleName("Megabytes that are kept at most")
        self.limit.setToolTip("What was used least recently is removed first; 0 keeps nothing")
        self.limit.setRange(0, _MOST)
        self.limit.setSingleStep(_STEP)
        self.limit.setGroupSeparatorShown(True)
        self.limit.setSuffix(" MB")
        self.limit.setKeyboardTracking(False)  # each digit that is typed would remove something
        self.problem = ProblemLabel()
        self.problem.setObjectName("kept_images.problem")
        self.clear = push_button("kept_images.clear", "C&lear", "Remove all images that are kept")
        title = plain_label("Keep at most")
        title.setBuddy(self.limit)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(title)
        row.addWidget(self.limit)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        for label in (why, where, self.taken):
            column.addWidget(label)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addStretch(1)
        column.addLayout(button_row(self, self.clear))
        self.resize(60 * GRID, 30 * GRID)
        self.limit.valueChanged.connect(self.limit_chosen)
        self.clear.clicked.connect(self.clear_wanted)

    def show_state(self, taken: str, limit: int, clearable: bool, problem: str) -> None:
        """Show what is kept in a sentence, the limit in MB, and what went wrong, if anything."""
        self.taken.setText(taken)
        self.limit.blockSignals(True)
        self.limit.setValue(limit)
        self.limit.blockSignals(False)
        self.clear.setEnabled(clearable)
        self.problem.say(problem)

    def open_window(self) -> None:
        """Show the window in front of the others."""
        bring_to_front(self)
        self.limit.setFocus(Qt.FocusReason.OtherFocusReason)
