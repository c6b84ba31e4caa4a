"""Many small maps as one picture: feature maps, kernels, gradients."""

from typing import Literal

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPalette, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.arrays import Array
from gui.theme import GRID, set_muted
from gui.widgets.colour_bar import ColourBar, Levels, lookup_table
from gui.widgets.mosaic_layout import TileLayout, fill, smallest
from gui.widgets.numbers import short

ColourMap = Literal["viridis", "CET-D1"]
_HEADER = 2 * GRID


class Mosaic(QWidget):
    """A stack of equally large maps in one picture, under a title, beside its scale.

    The maps are scaled by whole numbers and made as large as the space allows. `CET-D1` is for
    values with a sign: its middle is zero. A value that is not finite is left blank.
    """

    tile_clicked = Signal(int)
    hovered = Signal(object)  # (tile, row, column, value), or None

    def __init__(
        self, colour_map: ColourMap = "viridis", noun: str = "map", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._signed = colour_map == "CET-D1"
        self._noun = noun
        self._maps: Array | None = None
        self._picture = np.empty((0, 0), dtype=np.float32)
        self._layout: TileLayout | None = None
        self._pointed: tuple[int, int, int] | None = None

        self._title = QLabel()
        self._readout = QLabel()
        set_muted(self._readout)
        self._readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._canvas = _Canvas(lookup_table(colour_map))
        self._bar = ColourBar(colour_map)

        header = QHBoxLayout()
        header.setSpacing(GRID)
        header.addWidget(self._title, 1)
        header.addWidget(self._readout)
        body = QHBoxLayout()
        body.setSpacing(GRID)
        body.addWidget(self._canvas, 1)
        body.addWidget(self._bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(header)
        column.addLayout(body, 1)

        self._canvas.resized.connect(self._resize)
        self._canvas.pointed.connect(self._point)
        self._canvas.left.connect(self._leave)
        self._canvas.pressed.connect(self._press)
        self.setMinimumWidth(20 * GRID)

    def set_title(self, title: str) -> None:
        """Say above the picture what it shows."""
        self._title.setText(title)
        self._title.setToolTip(title)
        self._canvas.setAccessibleName(title)

    def title(self) -> str:
        """What the picture is said to show."""
        return self._title.text()

    def set_maps(self, maps: Array, levels: Levels | None = None) -> None:
        """Show maps (n, h, w), n at least 1, on a scale that follows their values or is given.

        The maps are kept, not copied: nobody may write to them afterwards. A scale for signed
        values is made symmetric about zero.
        """
        self._maps = maps
        low, high = levels if levels is not None else _range_of(maps)
        if self._signed:
            high = max(abs(low), abs(high))
            low = -high
        if high <= low:
            high = low + 1
        self._bar.set_levels((low, high))
        self._arrange()
        self._draw()
        self._describe()

    def levels(self) -> Levels:
        """The values at the ends of the colour scale."""
        return self._bar.levels()

    def picture(self) -> NDArray[np.float32]:
        """The values of the mosaic as drawn, one a cell; NaN in the gaps."""
        return self._picture

    def tile_layout(self) -> TileLayout | None:
        """Where the tiles lie; None before there are any."""
        return self._layout

    def readout(self) -> str:
        """What is said of the value under the pointer."""
        return self._readout.text()

    def tile_rect(self, tile: int) -> QRectF:
        """Where a tile lies in this widget, in logical px."""
        assert self._layout is not None
        row, column = self._layout.corner(tile)
        scale = self._layout.scale
        corner = self._canvas.mapTo(self, self._canvas.origin().toPoint())
        return QRectF(
            corner.x() + column * scale,
            corner.y() + row * scale,
            self._layout.width * scale,
            self._layout.height * scale,
        )

    def _resize(self) -> None:
        before = self._layout
        self._arrange()
        if self._layout != before:
            self._draw()

    def _arrange(self) -> None:
        """Lay the tiles out anew for the space that there is."""
        if self._maps is None:
            return
        ratio, room = self.devicePixelRatioF(), self._canvas.size()
        count, height, width = self._maps.shape
        least = smallest(count, height, width, room.width(), ratio)
        header = self._title.sizeHint().height() + GRID // 2
        self.setMinimumHeight(int(np.ceil(least.shape[0] * least.scale)) + header)
        layout = fill(count, height, width, (room.width(), room.height()), ratio)
        if layout == self._layout:
            return
        self._layout = layout
        self._picture = np.full(layout.shape, np.nan, dtype=np.float32)
        self._canvas.place(layout.shape, layout.scale)

    def _draw(self) -> None:
        if self._maps is None or self._layout is None:
            return
        _, height, width = self._maps.shape
        for tile, values in enumerate(self._maps):
            row, column = self._layout.corner(tile)
            self._picture[row : row + height, column : column + width] = values
        self._picture[np.isinf(self._picture)] = np.nan
        self._canvas.show_image(self._picture, self._bar.levels())
        self._read()

    def _describe(self) -> None:
        assert self._maps is not None
        low, high = self._bar.levels()
        count, noun = len(self._maps), self._noun
        self._canvas.setAccessibleDescription(
            f"{count} {noun}{'' if count == 1 else 's'}, "
            f"colours from {short(low, 3)} to {short(high, 3)}"
        )

    def _point(self, row: int, column: int) -> None:
        self._pointed = self._layout.locate(row, column) if self._layout else None
        self._read()

    def _leave(self) -> None:
        self._pointed = None
        self._read()

    def _read(self) -> None:
        """Say the value under the pointer, which changes with the maps too."""
        if self._pointed is None or self._maps is None or self._pointed[0] >= len(self._maps):
            if self._readout.text():
                self._readout.clear()
                self.hovered.emit(None)
            return
        tile, row, column = self._pointed
        value = float(self._maps[tile, row, column])
        self._readout.setText(
            f"{self._noun} {tile + 1}, row {row + 1}, column {column + 1}: {short(value)}"
        )
        self.hovered.emit((tile, row, column, value))

    def _press(self, row: int, column: int) -> None:
        found = self._layout.locate(row, column) if self._layout else None
        if found is not None:
            self.tile_clicked.emit(found[0])


class _Canvas(pg.GraphicsView):  # type: ignore[misc]
    """One image, pixels kept as pixels, which cannot be moved or zoomed by accident."""

    resized = Signal()
    pointed = Signal(int, int)
    left = Signal()
    pressed = Signal(int, int)

    def __init__(self, table: NDArray[np.uint8]) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._image.setLookupTable(table)
        self._box = pg.ViewBox(invertY=True, enableMouse=False, enableMenu=False, defaultPadding=0)
        self._box.disableAutoRange()
        self._box.addItem(self._image)
        self.setCentralItem(self._box)
        self._shape = (1, 1)
        self._scale = 1.0
        self.setBackground(self.palette().color(QPalette.ColorRole.Window))

    def origin(self) -> QPointF:
        """Where the image begins: centred, on a whole device px."""
        ratio = self.devicePixelRatioF()
        room = ((self.width(), self._shape[1]), (self.height(), self._shape[0]))
        x, y = (
            max(0, int((size - cells * self._scale) * ratio / 2)) / ratio for size, cells in room
        )
        return QPointF(x, y)

    def place(self, shape: tuple[int, int], scale: float) -> None:
        """Show an image of a shape in cells with so many logical px a cell."""
        self._shape, self._scale = shape, scale
        origin = self.origin()
        self._box.setRange(
            xRange=(-origin.x() / scale, (self.width() - origin.x()) / scale),
            yRange=(-origin.y() / scale, (self.height() - origin.y()) / scale),
            padding=0,
        )

    def show_image(self, picture: NDArray[np.float32], levels: Levels) -> None:
        """Draw values on a fixed scale."""
        self._image.setImage(picture, autoLevels=False, levels=levels)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None:  # pyqtgraph calls this with None while it builds the view
            self.resized.emit()
            self.place(self._shape, self._scale)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setBackground(self.palette().color(QPalette.ColorRole.Window))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(*self._cell(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(*self._cell(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls

    def _cell(self, position: QPointF) -> tuple[int, int]:
        offset = position - self.origin()
        return int(offset.y() // self._scale), int(offset.x() // self._scale)


def _range_of(maps: Array) -> Levels:
    """Smallest and largest finite value; 0 and 1 if there is none."""
    finite = maps[np.isfinite(maps)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
