"""TileCanvas: the picture of a mosaic, with a frame around one tile."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPalette, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsRectItem

from gui.widgets.colour_bar import Levels, table_for


class TileCanvas(pg.GraphicsView):  # type: ignore[misc]
    """One image, pixels kept as pixels, which cannot be moved or zoomed by accident."""

    resized = Signal()
    pointed = Signal(int, int)
    left = Signal()
    pressed = Signal(int, int)
    double_clicked = Signal(int, int)

    def __init__(self, colour_map: str) -> None:
        # These come first: pyqtgraph changes the palette while it builds the view.
        self._colour_map = colour_map
        self._image = pg.ImageItem(axisOrder="row-major")
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._box = pg.ViewBox(invertY=True, enableMouse=False, enableMenu=False, defaultPadding=0)
        self._box.disableAutoRange()
        self._box.addItem(self._image)
        self._frame = QGraphicsRectItem()
        self._frame.setVisible(False)
        self._box.addItem(self._frame, ignoreBounds=True)
        self.setCentralItem(self._box)
        self._shape = (1, 1)
        self._scale = 1.0
        self._recolour()

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
        """Draw values (h, w), or red, green and blue (h, w, 3), on a fixed scale; NaN is clear."""
        if picture.ndim == 3:
            self._image.setImage(_coloured(picture, levels), autoLevels=False, levels=(0, 255))
        else:
            self._image.setImage(picture, autoLevels=False, levels=levels)

    def show_frame(self, area: QRectF | None) -> None:
        """Draw a frame around some cells, or none."""
        self._frame.setVisible(area is not None)
        if area is not None:
            pen = QPen(self.palette().color(QPalette.ColorRole.Highlight), 2)
            pen.setCosmetic(True)
            self._frame.setPen(pen)
            self._frame.setRect(area)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None:  # pyqtgraph calls this with None while it builds the view
            self.resized.emit()
            self.place(self._shape, self._scale)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()

    def _recolour(self) -> None:
        """Take the colours of the theme."""
        palette = self.palette()
        self._image.setLookupTable(table_for(self._colour_map, palette))
        self.setBackground(palette.color(QPalette.ColorRole.Window))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(*self._cell(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(*self._cell(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(*self._cell(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls

    def _cell(self, position: QPointF) -> tuple[int, int]:
        offset = position - self.origin()
        return int(offset.y() // self._scale), int(offset.x() // self._scale)


def _coloured(picture: NDArray[np.float32], levels: Levels) -> NDArray[np.uint8]:
    """Return red, green, blue and cover (h, w, 4); where a value is missing, nothing is seen."""
    low, high = levels
    bytes_ = np.zeros((*picture.shape[:2], 4), dtype=np.uint8)
    seen = np.isfinite(picture).all(axis=2)
    shares = (picture[seen] - low) / (high - low)
    bytes_[seen, :3] = (np.clip(shares, 0, 1) * 255).round()
    bytes_[seen, 3] = 255
    return bytes_
