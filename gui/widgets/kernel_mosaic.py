"""KernelMosaic: all kernels of a convolution as tiles, with their numbers and marks."""

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.array_types import Array
from gui.widgets.colour_bar import GREY
from gui.widgets.mosaic import Mosaic
from gui.widgets.mosaic_layout import TileLayout, fill, matrix, smallest, widened
from gui.widgets.number_words import short
from gui.widgets.tile_marks import TileMarks

_PARTS = (1, 2, 4)
_Size = tuple[int, int, int]  # how many tiles, their height and width in cells


class KernelMosaic(Mosaic):
    """Kernels (depth, channels, k, k): a row for each map i, in it a tile for each channel j.

    Where the rows are too long for the space, and where there is one channel, they are broken.
    """

    rewritten = Signal()  # the numbers, perhaps in another notation

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("CET-D1", "kernel", parent, scrolls=True)
        self._channels = 1
        self._numbers = False
        self.marks = TileMarks("CET-D1", self._canvas)
        assert self._scroll is not None
        self._scroll.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lay the kernels out anew when more or less of them can be seen at a time."""
        if event.type() == QEvent.Type.Resize:
            self._resize()
        return super().eventFilter(watched, event)

    def set_kernels(self, kernels: Array, *, numbers: bool = False, coloured: bool = False) -> None:
        """Show kernels (depth, channels, k, k), which are not written to afterwards.

        With `numbers` each is at least so large that its numbers fit, and they scroll. `coloured`,
        the three kernels of a map are one picture in red, green and blue, where grey is zero.
        """
        self._channels, self._numbers = 1 if coloured else kernels.shape[1], numbers
        self._bar.set_colour_map(GREY if coloured else "CET-D1")
        maps = np.moveaxis(kernels, 1, -1) if coloured else kernels
        self.set_maps(maps if coloured else maps.reshape(-1, *kernels.shape[2:]))

    def set_marks(
        self, dead: Collection[int], saturated: Collection[int], locked: Collection[int]
    ) -> None:
        """Mark the kernels of some maps i."""
        self.marks.set_marks(*(self._of_maps(maps) for maps in (dead, saturated, locked)))

    def set_chosen(self, maps: Collection[int]) -> None:
        """Frame the kernels of some maps i as chosen."""
        self.marks.set_chosen(self._of_maps(maps))

    def show_map(self, number: int) -> None:
        """Scroll to the kernels of a map i, and let the keys be at the first."""
        self.set_current(number * self._channels)

    @property
    def coloured(self) -> bool:
        """Whether a tile is all that a map is made of, in red, green and blue."""
        return self._maps is not None and self._maps.ndim == 4

    @property
    def broken(self) -> bool:
        """Whether the kernels of a map are not one row."""
        return self._layout is not None and self._layout.columns != self._channels

    def place(self, tile: int) -> tuple[int, int]:
        """Return which map i and channel j a tile is of, counted from 0."""
        return divmod(tile, self._channels)

    def set_current(self, tile: int) -> None:
        """Mark the kernel that the keys are at, read it, and scroll to it."""
        super().set_current(tile)
        self._read()
        if self._scroll is not None and self._layout is not None:
            row, _ = self._layout.corner(tile)
            y = (row + self._layout.height / 2) * self._layout.scale + self._canvas.origin().y()
            self._scroll.ensureVisible(0, int(y), 0, int(self._layout.height * self._layout.scale))

    def _of_maps(self, maps: Collection[int]) -> list[int]:
        return [i * self._channels + j for i in maps for j in range(self._channels)]

    def _name(self, tile: int) -> str:
        return f"kernel {self._caption(tile)}"

    def _caption(self, tile: int) -> str:
        i, j = self.place(tile)
        return f"i {i + 1}" if self.coloured else f"i {i + 1}, j {j + 1}"

    def _lay_out(self, space: tuple[float, float], ratio: float) -> tuple[TileLayout, TileLayout]:
        """Make each value some cells wide, so that the gap of one cell takes less of the room.

        Where numbers are wanted, each value is as large as they need.
        """
        assert self._maps is not None
        assert self._scroll is not None
        view = self._scroll.viewport()
        space = view.width(), view.height()  # the picture may be higher
        count, height, width = self._maps.shape[:3]
        sizes = [(count, height * part, width * part) for part in _PARTS]
        least = width * self.marks.least_cell(self._bar.levels()) if self._numbers else None
        if self._channels > 1:
            rows = [matrix(*size, self._channels, space, ratio, least=least) for size in sizes]
            whole = [each for each in rows if each is not None]
            if whole:
                return max(whole, key=lambda each: _merit(each[0], space[1]))
            if least is not None:
                headed = [_break(size, space, ratio, least, headed=True) for size in sizes]
                room = self.marks.caption_height()
                named = [each for each in headed if each[0].scale >= room]
                if named:
                    return max(named, key=lambda each: _merit(each[0], space[1]))
        broken = [_break(size, space, ratio, least) for size in sizes]
        return max(broken, key=lambda each: _merit(each[0], space[1]))

    @property
    def _part(self) -> int:
        """Return how many cells of the picture a value is wide."""
        assert self._layout is not None
        assert self._maps is not None
        return self._layout.width // int(self._maps.shape[2])

    def _tiles(self) -> Array:
        return super()._tiles().repeat(self._part, axis=1).repeat(self._part, axis=2)

    def _locate(self, row: int, column: int) -> tuple[int, int, int] | None:
        found = super()._locate(row, column)
        if found is None:
            return None
        tile, row, column = found
        return tile, row // self._part, column // self._part

    def _draw(self) -> None:
        super()._draw()
        self._write()

    def _resize(self) -> None:
        super()._resize()
        self.marks.resize(self._canvas.size())
        self._write()

    def _write(self) -> None:
        if self._maps is not None and self._layout is not None:
            self.marks.show_numbers(
                self._maps, self._bar.levels(), self._layout, self._canvas.origin(), self._part
            )
            tiles = range(len(self._maps)) if self._layout.headed else ()
            self.marks.set_captions([self._caption(tile) for tile in tiles])
            self.rewritten.emit()

    def _read(self) -> None:
        super()._read()
        if self._pointed is None and self._maps is not None and self.hasFocus():
            kernel = self._maps[self.current]
            self._readout.setText(
                f"{self._name(self.current)}: {short(float(kernel.min()), 3)} to "
                f"{short(float(kernel.max()), 3)}, norm {short(float(np.linalg.norm(kernel)), 3)}"
            )


def _break(
    size: _Size,
    space: tuple[float, float],
    ratio: float,
    least: float | None,
    *,
    headed: bool = False,
) -> tuple[TileLayout, TileLayout]:
    """Lay tiles out in rows of any length, and again at the smallest readable size."""
    found = fill(*size, space, ratio, least=least, headed=headed)
    if least is not None and not _fits(found, space[1]):
        wide = widened(found, space, ratio)
        return wide, wide
    return found, smallest(*size, space[0], ratio, least=least, headed=headed)


def _fits(layout: TileLayout, height: float) -> bool:
    return layout.shape[0] * layout.scale <= height


def _merit(layout: TileLayout, height: float) -> tuple[bool, int, float, float]:
    """Prefer what needs no scrolling, or else what shows the most at a time; then large tiles."""
    fits = _fits(layout, height)
    tile = layout.width * layout.scale
    return fits, 0 if fits else layout.columns, tile, layout.width
