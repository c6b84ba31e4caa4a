"""The feature maps panel: what every convolution sees in the pinned digit."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.arrays import Array
from engine.looks import Look
from gui.theme import GRID
from gui.widgets.empty import EmptyState
from gui.widgets.mosaic import Mosaic
from gui.widgets.pinned_digit import PinnedDigit

_EMPTY = (
    "Feature maps of the pinned digit will be here.\nClick a digit under Predictions to pin it."
)
_NO_MAPS = "This network has no block that makes maps.\nAdd one with + Conv."


class FeatureMapsPanel(QWidget):
    """One mosaic for each block with maps, on a scale that follows its values.

    `show_look` only stores; `refresh` draws when `dirty`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.feature_maps")
        self.setAccessibleName("Feature maps")
        self.setMinimumSize(40 * GRID, 25 * GRID)
        self.dirty = False
        self._look: Look | None = None
        self._why_none = _EMPTY
        self.mosaics: list[Mosaic] = []
        self.digit = PinnedDigit()

        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(GRID)
        inside = QWidget()
        inside.setLayout(self._rows)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.digit)
        column.addWidget(scroll, 1)
        self._empty = EmptyState(content, _EMPTY)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty)

    def show_look(self, look: Look | None, why_none: str = _EMPTY) -> None:
        """Store the newest look at the pinned digit, or why there is none."""
        self._look, self._why_none = look, why_none
        self.dirty = True

    def refresh(self) -> None:
        """Draw the newest look."""
        self.dirty = False
        look = self._look
        rows = [] if look is None else _map_rows(look)
        if look is None or not rows:
            self._empty.show_sentence(self._why_none if look is None else _NO_MAPS)
            return
        self._show_digit(look)
        self._make_mosaics(len(rows))
        for mosaic, (title, maps) in zip(self.mosaics, rows, strict=True):
            mosaic.set_title(title)
            mosaic.set_maps(maps)
        self._empty.show_content()

    def _show_digit(self, look: Look) -> None:
        grey = (np.clip(look.image, 0, 1) * 255).round().astype(np.uint8)
        label = "" if look.label is None else f": {look.label}"
        sure = f"{min(max(look.confidence, 0.0), 1.0) * 100:.0f} %"
        verdict = "" if look.label in (None, look.predicted) else ", which is wrong"
        self.digit.set_digit(
            grey,
            "your drawing" if look.sample is None else f"digit {look.sample}{label}",
            f"the network says {look.predicted} ({sure}){verdict}",
        )

    def _make_mosaics(self, count: int) -> None:
        """Have so many mosaics; those that there are stay."""
        while len(self.mosaics) < count:
            mosaic = Mosaic()
            self.mosaics.append(mosaic)
            self._rows.addWidget(mosaic, 1)
        while len(self.mosaics) > count:
            mosaic = self.mosaics.pop()
            self._rows.removeWidget(mosaic)
            mosaic.deleteLater()


def _map_rows(look: Look) -> list[tuple[str, Array]]:
    """Give the maps of every convolution with a title, such as `Conv 5, 3×3 → Sigmoid`.

    They are shown behind the activation that directly follows, if there is one.
    """
    rows = []
    for position, block in enumerate(look.blocks):
        if block.group != "Convolution":
            continue
        title, values = block.label, block.values
        following = look.blocks[position + 1 : position + 2]
        if following and following[0].group == "Activation":
            title, values = f"{title} → {following[0].label}", following[0].values
        rows.append((title, values))
    return rows
