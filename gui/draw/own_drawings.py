"""OwnDrawings: the drawings that are trained on, with what takes some away."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QListView,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from engine.array_types import Shape
from engine.inputs.drawings import Drawing, fits
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.labels import plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.pictures import image_of
from gui.widgets.sample_names import short_name

_SIDE = 6 * GRID  # px of a drawing


class OwnDrawings(QDialog):
    """Shows each drawing with its class; `take_away` is given the places of those to be removed."""

    def __init__(self, take_away: Callable[[Sequence[int]], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._take_away = take_away
        self.setObjectName("own_drawings")
        self.setWindowTitle("Your own drawings")
        self.words = named(plain_label(wraps=True), "own_drawings.words")
        self.list = named(QListWidget(), "own_drawings.list", "Your own drawings")
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(QSize(_SIDE, _SIDE))
        self.list.setGridSize(QSize(11 * GRID, _SIDE + 4 * GRID))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.remove = text_button("own_drawings.remove", "Remove", small=False, takes_focus=True)
        close = text_button("own_drawings.close", "Close", small=False, takes_focus=True)
        hint = plain_label("Undo (Ctrl+Z in the window) brings removed ones back.", muted=True)
        buttons = in_row((hint, 1), self.remove, close, gap=GRID)
        in_column(self.words, (self.list, 1), buttons, of=self, gap=GRID)
        self.resize(60 * GRID, 44 * GRID)
        self._obstacle = ""
        self.remove.clicked.connect(self._remove)
        close.clicked.connect(self.close)
        self.list.itemSelectionChanged.connect(self._allow)
        QShortcut(QKeySequence.StandardKey.Delete, self.list, self._remove)
        self._allow()

    def show_drawings(
        self, drawings: Sequence[Drawing], classes: Sequence[str], images: Shape
    ) -> None:
        """List drawings; those that do not go with the classes and images say so."""
        self.list.clear()
        used = 0
        for drawing in drawings:
            reason = _why_not(drawing, classes, images)
            used += not reason
            image = image_of(drawing.image).scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio)
            item = QListWidgetItem(QPixmap.fromImage(image), "")
            item.setText(("✗ " if reason else "") + short_name(drawing.class_name))
            tip = drawing.class_name + (f", not trained on: {reason}" if reason else "")
            item.setToolTip(plain_tooltip(tip))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, tip)
            self.list.addItem(item)
        self.words.setText(
            f"{used:,} of {len(drawings):,} drawings are among the training samples, beyond the "
            "limit per class. One that is not is marked ✗: point at it to see why."
        )
        self._allow()

    def set_obstacle(self, reason: str) -> None:
        """Say why nothing can be removed; empty: it can."""
        self._obstacle = reason
        self._allow()

    @Slot()
    def _allow(self) -> None:
        chosen = bool(self.list.selectedItems())
        reason = self._obstacle or ("" if chosen else "Select drawings first.")
        self.remove.setEnabled(not reason)
        self.remove.setToolTip(plain_tooltip(reason or "Remove the selected drawings (Del)"))

    @Slot()
    def _remove(self) -> None:
        if self.remove.isEnabled():
            self._take_away(sorted(self.list.row(item) for item in self.list.selectedItems()))


def _why_not(drawing: Drawing, classes: Sequence[str], images: Shape) -> str:
    if drawing.class_name not in classes:
        return "its class is not among those that are trained on"
    return "" if fits(drawing, images) else "the images are oblong, and of another size"
