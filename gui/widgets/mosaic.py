"""Many small maps as one picture: feature maps, kernels, gradients."""

import math

from PySide6.QtCore import QEvent, QRectF, Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array
from gui.theme import GRID
from gui.widgets.cell_numbers import Writing
from gui.widgets.colour_scale import ColourMap, Levels
from gui.widgets.labels import ElidedLabel, plain_label
from gui.widgets.layouts import in_column, in_row, scrolling
from gui.widgets.number_grid import NumberGrid
from gui.widgets.number_words import short
from gui.widgets.tiles import UNLIMITED, Tiles, fitted, wrapped

_LARGE = 72  # px; a tile is at least this wide when there are few
_FEW = 8
_SMALL = 32  # px; else at least this


class TileGrid(NumberGrid):
    """Maps that can be told apart: it is higher rather than to make them smaller.

    `arranged` says that they may lie elsewhere, or be written in another way; `moved` carries the
    tile that the keys are at.
    """

    arranged = Signal()
    moved = Signal(int)

    def __init__(
        self, colour_map: ColourMap, noun: str = "map", writing: Writing | None = None
    ) -> None:
        super().__init__(
            colour_map,
            browsable=True,
            by_tile=True,
            largest=UNLIMITED,
            writing=writing,
            scale="right",
        )
        self._noun = noun
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(1, 1)

    def show_maps(self, maps: Array, levels: Levels | None = None) -> None:
        """Show maps, on a scale that follows their values or is given."""
        self.set_values(maps, levels)
        self._arrange()

    @property
    def tile(self) -> int:
        """The tile that the keys are at."""
        return self._current[0]

    def tile_at(self, row: int, column: int) -> int:
        """Return which tile a cell is of."""
        found = self.cells().within(row, column)
        assert found is not None
        return found[0]

    def set_current(self, row: int, column: int) -> None:
        super().set_current(row, column)
        self.setAccessibleDescription(self._description())
        self.moved.emit(self.tile)

    def name(self, tile: int) -> str:
        """Call a tile by its number."""
        return f"{self._noun} {tile + 1}"

    def summary(self) -> str:
        """Say what is to be said of the tile that the keys are at."""
        return ""

    def resizeEvent(self, event: QEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        self._cells = self._written = None
        across, _ = self._room_in(self.width(), self.height())
        lowest = self._lowest(across, self.devicePixelRatioF())
        self.setMinimumHeight(math.ceil(lowest.area.height()) + 2)
        self.arranged.emit()

    def _lay_out(self, room: tuple[float, float], ratio: float) -> Tiles:
        lowest, seen = self._lowest(room[0], ratio), self._in_view().height() - 2
        found = self._enlarged(lowest, (room[0], seen), ratio)
        return found if found.scale >= lowest.scale else lowest

    def _in_view(self) -> QRectF:
        """Return what is seen of a grid that scrolls."""
        around, whole = self.parentWidget(), QRectF(self.rect())
        return whole if around is None else whole & QRectF(around.rect().translated(-self.pos()))

    def _lowest(self, across: float, ratio: float) -> Tiles:
        """Return the layout at the smallest size."""
        tiles = Tiles(*self._tiles.shape[:3])
        return wrapped(tiles, across, ratio, self._least(tiles))

    def _enlarged(self, lowest: Tiles, room: tuple[float, float], ratio: float) -> Tiles:
        """Return the layout with the largest cells that fit."""
        return fitted(lowest, room, ratio)

    @staticmethod
    def _least(tiles: Tiles) -> float:
        """Return the px of a cell with which tiles can be told apart."""
        return (_LARGE if tiles.count <= _FEW else _SMALL) / tiles.width

    def _description(self) -> str:
        low, high = (short(level, 3) for level in self._levels)
        return f"{self.name(self.tile)} of {len(self._tiles)}, colours from {low} to {high}"


class TitledPicture(QWidget):
    """A picture under its title, beside which stands what is read in it."""

    def __init__(self, picture: QWidget, around: QWidget | None = None) -> None:
        """Lay it out; `around` may be what a picture that scrolls is in."""
        super().__init__()
        self._picture = picture
        self._title, self.readout = ElidedLabel(), plain_label(muted=True)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        header = in_row((self._title, 1), self.readout, gap=GRID)
        in_column(header, (around or picture, 1), of=self)

    def set_title(self, title: str) -> None:
        """Say above the picture what it shows."""
        self._title.setText(title)
        self._picture.setAccessibleName(title)


class Mosaic(TitledPicture):
    """A stack of equally large maps in one picture with its scale, under a title.

    `CET-D1` is for values with a sign: its middle is zero. Arrows go from tile to tile; Enter or a
    double-click activates one. One that scrolls may be lower than its picture.
    """

    tile_clicked = Signal(int)
    tile_activated = Signal(int)

    def __init__(
        self,
        colour_map: ColourMap = "viridis",
        noun: str = "map",
        *,
        scrolls: bool = False,
        grid: TileGrid | None = None,
    ) -> None:
        """Make an empty mosaic; `grid` may be one that shows its maps in another way."""
        grid = TileGrid(colour_map, noun) if grid is None else grid
        scroll = scrolling(grid) if scrolls else None
        super().__init__(grid, scroll)
        self.grid, self._scroll = grid, scroll
        self._pointed: tuple[int, int] | None = None
        if scroll is not None:
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.verticalScrollBar().valueChanged.connect(self.grid.update)  # for the scale
        self.setFocusProxy(self.grid)
        self.setMinimumWidth(20 * GRID)
        self.grid.hovered.connect(self._point)
        self.grid.left.connect(self._leave)
        self.grid.moved.connect(self._go)
        self.grid.clicked.connect(lambda *cell: self.tile_clicked.emit(self.grid.tile_at(*cell)))
        self.grid.chosen.connect(lambda *cell: self.tile_activated.emit(self.grid.tile_at(*cell)))

    def set_maps(self, maps: Array, levels: Levels | None = None) -> None:
        """Show maps (n, h, w), n at least 1, on a scale that follows their values or is given.

        Maps (n, h, w, 3) are shown in red, green and blue, each from the low end to the high one.
        The maps are kept, not copied: they may not be written to afterwards.
        """
        if maps.shape[:3] != self.grid.values().shape[:3]:
            self._pointed = None  # what the pointer is at now is known when it moves
        self.grid.show_maps(maps, levels)
        self._read()

    @Slot(int)
    def _go(self, tile: int) -> None:
        """Read the tile that the keys are at, and bring it into view."""
        self._read()
        if self._scroll is not None:
            area = self.grid.cells().tile(tile)
            self._scroll.ensureVisible(0, int(area.center().y()), 0, int(area.height()))

    @Slot(int, int)
    def _point(self, row: int, column: int) -> None:
        self._pointed = row, column
        self._read()

    @Slot()
    def _leave(self) -> None:
        self._pointed = None
        self._read()

    def _read(self) -> None:
        """Say the value under the pointer, which changes with the maps too."""
        place = None if self._pointed is None else self.grid.cells().within(*self._pointed)
        if place is None:
            self.readout.setText(self.grid.summary() if self.grid.hasFocus() else "")
            return
        (tile, row, column), value = place, self.grid.values()[place]
        said = short(float(value)) if value.ndim == 0 else in_colour(value)
        self.readout.setText(f"{self.grid.name(tile)}, row {row + 1}, column {column + 1}: {said}")


def in_colour(values: Array) -> str:
    """Write values (3,) of red, green and blue."""
    return "  ".join(
        f"{name} {short(float(value), 3)}" for name, value in zip("RGB", values, strict=True)
    )
