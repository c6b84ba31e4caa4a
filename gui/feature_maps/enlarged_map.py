"""EnlargedMap: one feature map, large, with its kernel and the samples that excite it most."""

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from engine.array_types import Array
from gui.feature_maps.rows import FeatureRow
from gui.theme import GRID, set_muted
from gui.widgets.buttons import text_button
from gui.widgets.colour_scale import Levels
from gui.widgets.exciting_samples import ExcitingSamples
from gui.widgets.labels import ElidedLabel, plain_label
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.mosaic import Mosaic
from gui.widgets.number_grid import NumberGrid
from gui.widgets.number_words import short

# px: the width of the column beside the map with one kernel, or with many and their scale: so much
# of the whole, but at least and at most that.
_ONE_KERNEL = (0.3, 18 * GRID, 36 * GRID)
_MANY_KERNELS = (0.4, 20 * GRID, 60 * GRID)
_LOW = 11  # lines of text; a lower one leaves out what stands below map and kernels
_POINT = "Point at a cell\nto read its value"


class EnlargedMap(QWidget):
    """Shows a map with rows and columns numbered. Page Up and Page Down go to the other maps."""

    closed = Signal()
    turned = Signal(int)  # to the next (1) or previous (-1) map

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("One feature map, enlarged")
        self._map: Array | None = None
        self._title, self.readout, self._kernel_title = (
            ElidedLabel(),
            plain_label(),
            QLabel("Its kernel"),
        )
        self._column = _ONE_KERNEL
        set_muted(self.readout)
        set_muted(self._kernel_title)
        grid = NumberGrid("viridis", axes=True, browsable=True, scale="right")
        self.grid = named(grid, "feature_maps.enlarged")
        self.kernel = NumberGrid("CET-D1")
        self.kernels = Mosaic("CET-D1", "input map", scrolls=True)
        self.samples = ExcitingSamples()
        self._arrange()
        self.grid.hovered.connect(self._read)
        self.grid.left.connect(self._forget_cell)
        for keys, action in (
            ("Esc", self.closed.emit),
            ("PgDown", lambda: self.turned.emit(1)),
            ("PgUp", lambda: self.turned.emit(-1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    def show_map(self, row: FeatureRow, number: int, levels: Levels) -> None:
        """Show one of the maps of a row, on the scale that the row has."""
        self._title.setText(f"Map {number + 1} of {len(row.values)}: {row.title}")
        self._map = row.values[number]
        self.grid.set_values(self._map, levels)
        self.grid.setAccessibleName(self._title.text())
        self._show_kernel(row, number)
        self._read(*self.grid.current)

    def _arrange(self) -> None:
        back = _header_button("back", "◀ Maps", "Back to all maps (Esc)")
        previous = _header_button("previous", "▲", "Previous map (Page Up)")
        following = _header_button("next", "▼", "Next map (Page Down)")
        back.clicked.connect(self.closed)
        previous.clicked.connect(lambda: self.turned.emit(-1))
        following.clicked.connect(lambda: self.turned.emit(1))
        header = in_row(back, previous, following, (self._title, 1))
        self._beside = QWidget()
        in_column(
            self._kernel_title,
            (self.kernel, 1),
            (self.kernels, 1),
            self.readout,
            0,
            of=self._beside,
        )
        body = in_row((self.grid, 1), self._beside, gap=GRID)
        column = in_column(header, (body, 1), of=self)
        column.addWidget(self.samples)

    def _show_kernel(self, row: FeatureRow, number: int) -> None:
        of_map = np.empty(0) if row.kernels is None else row.kernels[number]
        alone, many = len(of_map) == 1, len(of_map) > 1
        self.kernel.setVisible(alone)
        self.kernels.setVisible(many)
        self._kernel_title.setVisible(alone)
        self._column = _MANY_KERNELS if many else _ONE_KERNEL
        self._fit()
        if alone:
            self.kernel.set_values(of_map[0])
            self._kernel_title.setText(f"Its kernel, ±{short(self.kernel.levels()[1], 3)}")
            self.kernel.setAccessibleName(f"Kernel of map {number + 1}")
        elif many:
            self.kernels.set_title(f"Its {len(of_map)} kernels")
            self.kernels.set_maps(of_map)

    def _fit(self) -> None:
        """Give the kernels their share of the width."""
        share, least, most = self._column
        width = round(min(max(share * self.width(), least), most))
        self._beside.setFixedWidth(width)
        self.kernel.setMaximumHeight(width)  # or it would stand far below its title

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shares of map and kernels; where it is low, they have all of the height."""
        super().resizeEvent(event)
        self._fit()
        low = self.height() < _LOW * self.fontMetrics().height()
        self.samples.setVisible(not low)
        self.readout.setVisible(not low)

    @Slot(int, int)
    def _read(self, row: int, column: int) -> None:
        values = self._map
        if values is not None and row < values.shape[0] and column < values.shape[1]:
            value = short(float(values[row, column]))
            self.readout.setText(f"row {row + 1}, column {column + 1}:\n{value}")

    @Slot()
    def _forget_cell(self) -> None:
        self.readout.setText(_POINT)


def _header_button(name: str, text: str, tip: str) -> QToolButton:
    return text_button(f"feature_maps.{name}", text, tip, spoken=tip, small=False, flat=True)
