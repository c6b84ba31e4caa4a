"""Many small maps as one picture: feature maps, kernels, gradients."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array
from gui.theme import GRID
from gui.widgets.cell_layout import MOVES
from gui.widgets.colour_bar import ColourBar, Levels, coloured, picture_of, table_for
from gui.widgets.labels import ElidedLabel, plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row, scrolling
from gui.widgets.number_words import short
from gui.widgets.pictures import paint_frame

_LARGE = 72  # px; a tile is at least this wide when there are few
_FEW = 8
_SMALL = 32  # px; else at least this
_NARROW = 24  # px; in rows of a given length, at least this
_TINY = 8  # px; or this, rather than to break them
ColourMap = Literal["viridis", "CET-L1", "CET-D1", "CET-D2"]


@dataclass(frozen=True)
class TileLayout:
    """`count` tiles of `height` × `width` cells, in rows of `columns`, one cell of gap between.

    `scale` is the size of a cell in logical px: a whole number of device px. With `headed`, there
    is a gap above the first row too, so that each has one for captions.
    """

    count: int
    height: int
    width: int
    columns: int = 1
    scale: float = 1.0
    headed: bool = False

    @property
    def rows(self) -> int:
        """How many rows of tiles there are."""
        return math.ceil(self.count / self.columns)

    @property
    def blanks(self) -> int:
        """How many places of the last row are left blank."""
        return self.rows * self.columns - self.count

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the mosaic in cells."""
        high = self.rows * (self.height + 1) - (not self.headed)
        return high, self.columns * (self.width + 1) - 1

    def corner(self, tile: int) -> tuple[int, int]:
        """Row and column of a tile's first cell."""
        row, column = divmod(tile, self.columns)
        return row * (self.height + 1) + self.headed, column * (self.width + 1)

    def rect(self, tile: int, origin: QPointF) -> QRectF:
        """Where a tile lies in px, if the picture begins at the origin."""
        row, column = self.corner(tile)
        corner = origin + QPointF(column * self.scale, row * self.scale)
        return QRectF(corner, QSizeF(self.width * self.scale, self.height * self.scale))

    def locate(self, row: int, column: int) -> tuple[int, int, int] | None:
        """Which tile, and which row and column of it, a cell of the mosaic is; None for a gap."""
        tile_row, row = divmod(row - self.headed, self.height + 1)
        tile_column, column = divmod(column, self.width + 1)
        tile = tile_row * self.columns + tile_column
        inside = row < self.height and column < self.width and 0 <= tile_column < self.columns
        if not inside or not 0 <= tile < self.count:
            return None
        return tile, row, column


def fill(
    tiles: TileLayout, space: tuple[float, float], ratio: float, least: float | None = None
) -> TileLayout:
    """Choose the columns that make the tiles largest in a space (width, height) of logical px.

    Of equally large ones, the layout with the fewest blanks, then the one most like the space.
    If they cannot all be shown at a readable size, or `least` px wide, the layout is higher than
    the space.
    """
    layouts = []
    for columns in range(1, tiles.count + 1):
        layout = replace(tiles, columns=columns)
        cells_high, cells_wide = layout.shape
        scale = math.floor(min(space[0] / cells_wide, space[1] / cells_high) * ratio + 1e-6) / ratio
        misfit = abs(cells_wide * space[1] - cells_high * space[0])
        layouts.append((scale, -layout.blanks, -misfit / cells_high, columns))
    scale, _, _, columns = max(layouts)
    lowest = smallest(tiles, space[0], ratio, least)
    return replace(tiles, columns=columns, scale=scale) if scale >= lowest.scale else lowest


def smallest(
    tiles: TileLayout, room: float, ratio: float, least: float | None = None
) -> TileLayout:
    """Lay the tiles out at the smallest readable size in a width of `room` logical px.

    That is `least` px a tile, or what suits their number.
    """
    count, width = tiles.count, tiles.width
    wanted = least or (_LARGE if count <= _FEW else _SMALL)
    most = max(1, math.floor(room * ratio / width))  # device px a cell if one tile fills the room
    scale = min(most, max(1, math.ceil(wanted * ratio / width - 1e-6))) / ratio
    columns = max(1, min(count, int((room / scale + 1) // (width + 1))))
    rows = math.ceil(count / columns)
    return replace(tiles, columns=math.ceil(count / rows), scale=scale)


def matrix(
    tiles: TileLayout, space: tuple[float, float], ratio: float, least: float | None = None
) -> tuple[TileLayout, TileLayout] | None:
    """Lay tiles out in the rows that they are in, and again at the smallest readable size.

    They fill a space (width, height) of logical px, and are higher than it if they must. None: even
    so narrow that one can hardly see them, or less than `least` px wide, the rows are too long.
    """
    cells_high, cells_wide = tiles.shape
    across = math.floor(space[0] * ratio / cells_wide + 1e-6)
    if across * tiles.width < (least or _TINY) * ratio - 1e-6:
        return None
    down = math.floor(space[1] * ratio / cells_high + 1e-6)
    lowest = min(across, math.ceil((least or _NARROW) * ratio / tiles.width - 1e-6))
    return replace(tiles, scale=max(lowest, min(across, down)) / ratio), replace(
        tiles, scale=lowest / ratio
    )


class Mosaic(QWidget):
    """A stack of equally large maps in one picture, under a title, beside its scale.

    The maps are scaled by whole numbers and made as large as the space allows. `CET-D1` is for
    values with a sign: its middle is zero. A value that is not finite is left blank. Arrows go from
    tile to tile; Enter or a double-click activates one.
    """

    tile_clicked = Signal(int)
    tile_activated = Signal(int)
    hovered = Signal(object)  # (tile, row, column, value), of a colour three values; or None

    def __init__(
        self,
        colour_map: ColourMap = "viridis",
        noun: str = "map",
        *,
        scrolls: bool = False,
    ) -> None:
        """Make an empty mosaic; one that scrolls may be lower than its picture."""
        super().__init__()
        self._signed = colour_map == "CET-D1"
        self._noun = noun
        self._maps: Array | None = None
        self._picture = np.empty((0, 0), dtype=np.float32)
        self._layout: TileLayout | None = None
        self._pointed: tuple[int, int, int] | None = None
        self.current = 0  # the tile that the keys are at

        self._title = ElidedLabel()
        self._readout = plain_label(muted=True)
        self._readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._canvas = TileCanvas(colour_map)
        self._bar = ColourBar(colour_map)

        header = in_row((self._title, 1), self._readout, gap=GRID)
        self._scroll = scrolling(self._canvas) if scrolls else None
        if self._scroll is not None:
            self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = in_row((self._scroll or self._canvas, 1), self._bar, gap=GRID)
        in_column(header, (body, 1), of=self)

        self._canvas.resized.connect(self._resize)
        self._canvas.pointed.connect(self._point)
        self._canvas.left.connect(self._leave)
        self._canvas.pressed.connect(self._press)
        self._canvas.double_clicked.connect(self._activate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(20 * GRID)

    def set_title(self, title: str) -> None:
        """Say above the picture what it shows."""
        self._title.setText(title)
        self._title.setToolTip(plain_tooltip(title))
        self._canvas.setAccessibleName(title)
        self.setAccessibleName(title)

    def title(self) -> str:
        """What the picture is said to show."""
        return self._title.text()

    def set_maps(self, maps: Array, levels: Levels | None = None) -> None:
        """Show maps (n, h, w), n at least 1, on a scale that follows their values or is given.

        Maps (n, h, w, 3) are shown in red, green and blue, each from the low end to the high one.
        The maps are kept, not copied: they may not be written to afterwards. A scale for signed
        values is made symmetric about zero.
        """
        if self._maps is None or maps.shape[:3] != self._maps.shape[:3]:
            self._pointed = None  # what the pointer is at now is known when it moves
        self._maps = maps
        self.current = min(self.current, len(maps) - 1)
        low, high = levels if levels is not None else range_of(maps)
        if self._signed:
            high = max(abs(low), abs(high)) or 1.0  # zeros alone have the colour of zero
            low = -high
        if high <= low:
            high = low + 1
        self._bar.set_levels((low, high))
        self._arrange()
        self._draw()
        self._mark()
        self._describe()

    def set_current(self, tile: int) -> None:
        """Mark the tile that the keys are at."""
        self.current = tile
        self._mark()
        self._describe()

    def levels(self) -> Levels:
        """The values at the ends of the colour scale."""
        return self._bar.levels()

    def picture(self) -> NDArray[np.float32]:
        """The values of the mosaic as drawn, one a cell or three; NaN in the gaps."""
        return self._picture

    def readout(self) -> str:
        """What is said of the value under the pointer."""
        return self._readout.text()

    def tile_rect(self, tile: int) -> QRectF:
        """Where a tile lies in this widget, in logical px."""
        assert self._layout is not None
        corner = self._canvas.mapTo(self, self._canvas.origin().toPoint())
        return self._layout.rect(tile, QPointF(corner))

    def _resize(self) -> None:
        before = self._layout
        self._arrange()
        if self._layout != before:
            self._draw()
        self._mark()

    def _arrange(self) -> None:
        """Lay the tiles out anew for the space that there is."""
        if self._maps is None:
            return
        ratio, room = self.devicePixelRatioF(), self._canvas.size()
        layout, least = self._lay_out((room.width(), room.height()), ratio)
        header = self._title.sizeHint().height() + GRID // 2
        height = int(np.ceil(least.shape[0] * least.scale))
        if self._scroll is not None:
            self._canvas.setMinimumHeight(height)
        else:
            self.setMinimumHeight(height + header)
        shape = (*layout.shape, *self._maps.shape[3:])
        if layout == self._layout and shape == self._picture.shape:
            return
        self._layout = layout
        self._picture = np.full(shape, np.nan, dtype=np.float32)
        self._canvas.place(layout.shape, layout.scale)

    def _lay_out(self, space: tuple[float, float], ratio: float) -> tuple[TileLayout, TileLayout]:
        """Return the layout for a space (width, height), and the one at the smallest size."""
        assert self._maps is not None
        tiles = TileLayout(*self._maps.shape[:3])
        return fill(tiles, space, ratio), smallest(tiles, space[0], ratio)

    def _tiles(self) -> Array:
        """Return the tiles (n, height, width) in the cells of the layout."""
        assert self._maps is not None
        return self._maps

    def _locate(self, row: int, column: int) -> tuple[int, int, int] | None:
        """Return of which tile, and which row and column of it, a cell of the picture is."""
        return self._layout.locate(row, column) if self._layout else None

    def _name(self, tile: int) -> str:
        """Call a tile by its number."""
        return f"{self._noun} {tile + 1}"

    def _draw(self) -> None:
        if self._maps is None or self._layout is None:
            return
        height, width = self._layout.height, self._layout.width
        for tile, values in enumerate(self._tiles()):
            row, column = self._layout.corner(tile)
            self._picture[row : row + height, column : column + width] = values
        self._picture[np.isinf(self._picture)] = np.nan
        self._canvas.show_image(self._picture, self._bar.levels())
        self._read()

    def _mark(self) -> None:
        """Frame the tile that the keys are at, while they are here."""
        if self._layout is None or not self.hasFocus():
            self._canvas.show_frame(None)
            return
        tile = self._layout.rect(self.current, self._canvas.origin())
        self._canvas.show_frame(tile.adjusted(-1, -1, 1, 1))  # it covers no value

    def _describe(self) -> None:
        if self._maps is None:
            return
        low, high = self._bar.levels()
        count, noun = len(self._maps), self._noun
        self._canvas.setAccessibleDescription(
            f"{count} {noun}{'' if count == 1 else 's'}, "
            f"colours from {short(low, 3)} to {short(high, 3)}"
        )
        self.setAccessibleDescription(f"{self._name(self.current)} of {count}")

    def _point(self, row: int, column: int) -> None:
        self._pointed = self._locate(row, column)
        self._read()

    def _leave(self) -> None:
        self._pointed = None
        self._read()

    def _read(self) -> None:
        """Say the value under the pointer, which changes with the maps too."""
        if self._pointed is None or self._maps is None:
            if self._readout.text():
                self._readout.clear()
                self.hovered.emit(None)
            return
        tile, row, column = self._pointed
        value = self._maps[tile, row, column]
        said = short(float(value)) if value.ndim == 0 else in_colour(value)
        self._readout.setText(f"{self._name(tile)}, row {row + 1}, column {column + 1}: {said}")
        self.hovered.emit((tile, row, column, value))

    def _press(self, row: int, column: int) -> None:
        found = self._locate(row, column)
        if found is not None:
            self.set_current(found[0])
            self.tile_clicked.emit(found[0])

    def _activate(self, row: int, column: int) -> None:
        found = self._locate(row, column)
        if found is not None:
            self.tile_activated.emit(found[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from tile to tile, or activate one."""
        layout, key = self._layout, Qt.Key(event.key())
        if layout is None:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.tile_activated.emit(self.current)
        elif key in MOVES:
            down, across = MOVES[key]
            tile = self.current + across + down * layout.columns
            if 0 <= tile < layout.count:
                self.set_current(tile)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        super().focusInEvent(event)
        self._mark()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave the picture as it is."""
        super().focusOutEvent(event)
        self._mark()


class TileCanvas(QWidget):
    """The picture of a mosaic, pixels kept as pixels, with a frame around one tile."""

    resized = Signal()
    pointed = Signal(int, int)
    left = Signal()
    pressed = Signal(int, int)
    double_clicked = Signal(int, int)

    def __init__(self, colour_map: str) -> None:
        super().__init__()
        self._colour_map = colour_map
        self._picture: NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._levels: Levels = (0.0, 1.0)
        self._frame: QRectF | None = None
        self._shape = (1, 1)
        self._scale = 1.0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

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

    def show_image(self, picture: NDArray[np.float32], levels: Levels) -> None:
        """Draw values (h, w), or red, green and blue (h, w, 3), on a fixed scale; NaN is clear."""
        self._picture, self._levels = picture, levels
        self.update()

    def show_frame(self, area: QRectF | None) -> None:
        """Draw a frame in px, or none."""
        if area != self._frame:
            self._frame = area
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self.palette()
        if self._picture.size:
            table = table_for(self._colour_map, palette)
            height, width = self._shape
            place = QRectF(self.origin(), QSizeF(width * self._scale, height * self._scale))
            painter.drawImage(place, picture_of(coloured(self._picture, self._levels, table)))
        if self._frame is not None:
            paint_frame(painter, self._frame, palette.color(QPalette.ColorRole.Highlight), 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.resized.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(*self._cell(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(*self._cell(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(*self._cell(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()

    def _cell(self, position: QPointF) -> tuple[int, int]:
        offset = position - self.origin()
        return int(offset.y() // self._scale), int(offset.x() // self._scale)


def in_colour(values: Array) -> str:
    """Write values (3,) of red, green and blue."""
    return "  ".join(
        f"{name} {short(float(value), 3)}" for name, value in zip("RGB", values, strict=True)
    )


def range_of(maps: Array) -> Levels:
    """Smallest and largest finite value; 0 and 1 if there is none."""
    low, high = float(maps.min()), float(maps.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = maps[np.isfinite(maps)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
