"""KernelPreview: what a kernel makes of the pinned sample, while it is being edited."""

from PySide6.QtWidgets import QGridLayout, QWidget

from engine.array_types import Array, quiet_overflow
from engine.blocks import Conv
from engine.inspection.snapshot import Snapshot
from engine.model.kernel_operations import correlate
from engine.model.stack import Row
from gui.theme import GRID, set_muted
from gui.widgets.colour_bar import ColourBar
from gui.widgets.mosaic import ColourMap
from gui.widgets.number_grid import NumberGrid
from gui.widgets.plain_labels import plain_label

_SIDE = 20 * GRID  # px


class KernelPreview(QWidget):
    """An input map X_j beside X_j ⋆ K_ij, each with its scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel: Array | None = None
        self.input = _TitledMap("viridis", "Input map")
        self.result = _TitledMap("CET-D1", "What the kernel makes of it")
        self._why_not = plain_label()
        self._why_not.setWordWrap(True)
        self._why_not.setMinimumHeight(_SIDE // 2)
        set_muted(self._why_not)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID // 2)
        for place, picture in enumerate((self.input, self.result)):
            grid.addWidget(picture.title, 0, 2 * place, 1, 2)
            grid.addWidget(picture.cells, 1, 2 * place)
            grid.addWidget(picture.bar, 1, 2 * place + 1)
            grid.setColumnStretch(2 * place, 1)
        grid.addWidget(self._why_not, 2, 0, 1, 4)
        self.show_nothing("")

    def show_nothing(self, why: str) -> None:
        """Say in the place of the pictures why there are none."""
        self._channel = None
        self._why_not.setText(why)
        self._show_pictures(False)

    def show_channel(self, channel: Array, title: str) -> None:
        """Take another map (H, W) to try kernels on."""
        self._channel = channel
        self.input.show(channel, title)

    def show_kernel(self, kernel: Array, conv: Conv, title: str) -> None:
        """Show what a kernel makes of the map."""
        if self._channel is None:
            return
        with quiet_overflow():
            found = correlate(self._channel, kernel, conv)
        self.result.show(found, title)
        self._show_pictures(True)

    def _show_pictures(self, shown: bool) -> None:
        for picture in (self.input, self.result):
            for widget in (picture.title, picture.cells, picture.bar):
                widget.setVisible(shown)
        self._why_not.setVisible(not shown)


class _TitledMap:
    """One map with its title and its scale."""

    def __init__(self, colour_map: ColourMap, name: str) -> None:
        self.title = plain_label()
        set_muted(self.title)
        self.cells = NumberGrid(colour_map, largest=_SIDE)
        self.cells.setMinimumSize(_SIDE, _SIDE)
        self.cells.setAccessibleName(name)
        self.bar = ColourBar(colour_map)

    def show(self, values: Array, title: str) -> None:
        self.cells.set_values(values)
        self.bar.set_levels(self.cells.levels())
        self.title.setText(title)


def input_maps(snapshot: Snapshot, row: Row) -> Array | None:
    """Return the maps (C, H, W) that come into a block; None if another network was looked at."""
    slots = [block.slot for block in snapshot.blocks]
    if row.slot.id not in slots:
        return None
    before = slots.index(row.slot.id) - 1
    maps: Array = snapshot.inputs if before < 0 else snapshot.blocks[before].values
    return maps if maps.shape == row.input_shape else None
