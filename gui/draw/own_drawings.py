"""OwnDrawings: the drawings that are trained on, with what takes some away."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QImage, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.array_types import Shape
from engine.inputs.drawings import Drawing, fits
from gui.theme import GRID, set_muted
from gui.widgets.buttons import text_button
from gui.widgets.labels import plain_label, plain_tooltip
from gui.widgets.sample_names import short_name

_SIDE = 6 * GRID  # px of a drawing
_NOT_USED = "not trained on: {reason}"


class OwnDrawings(QDialog):
    """Shows each drawing with its class; `take_away` is given the places of those to be removed."""

    def __init__(self, take_away: Callable[[Sequence[int]], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._take_away = take_away
        self.setObjectName("own_drawings")
        self.setWindowTitle("Your own drawings")
        self.words = plain_label()
        self.words.setObjectName("own_drawings.words")
        self.words.setWordWrap(True)
        self.list = QListWidget()
        self.list.setObjectName("own_drawings.list")
        self.list.setAccessibleName("Your own drawings")
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(QSize(_SIDE, _SIDE))
        self.list.setGridSize(QSize(11 * GRID, _SIDE + 4 * GRID))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.remove = text_button("own_drawings.remove", "Remove", small=False, takes_focus=True)
        close = text_button("own_drawings.close", "Close", small=False, takes_focus=True)
        hint = plain_label("Undo (Ctrl+Z in the window) brings removed ones back.")
        set_muted(hint)
        buttons = QHBoxLayout()
        buttons.addWidget(hint, 1)
        buttons.addWidget(self.remove)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addWidget(self.words)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)
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
            item = QListWidgetItem(QPixmap.fromImage(_picture(drawing)), "")
            item.setText(("✗ " if reason else "") + short_name(drawing.class_name))
            tip = drawing.class_name + (f", {_NOT_USED.format(reason=reason)}" if reason else "")
            item.setToolTip(plain_tooltip(tip))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, tip)
            self.list.addItem(item)
        rest = len(drawings) - used
        self.words.setText(
            f"{used:,} {'drawing is' if used == 1 else 'drawings are'} among the training samples, "
            "beyond the limit per class."
            + (
                f" {rest:,} marked ✗ {'is' if rest == 1 else 'are'} not: see why by pointing at it."
                if rest
                else ""
            )
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


def _picture(drawing: Drawing) -> QImage:
    channels, height, width = drawing.shape
    pixels = np.ascontiguousarray(np.moveaxis(drawing.image, 0, -1))
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    image = QImage(pixels.data, width, height, width * channels, form)
    return image.scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio)
