"""KernelMosaic: all kernels of a convolution as tiles, with their numbers and marks."""

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.arrays import Array
from gui.widgets.colour_bar import lookup_table
from gui.widgets.mosaic import Mosaic
from gui.widgets.mosaic_layout import TileLayout, fill, matrix, smallest
from gui.widgets.numbers import short
from gui.widgets.tile_marks import TileMarks

_PARTS = (1, 2, 4)


class KernelMosaic(Mosaic):
    """Kernels (depth, channels, k, k): a row for each map i, in it a tile for each channel j.

    Where the rows are too long for the space, and where there is one channel, they are broken.
    """

    rewritten = Signal()  # the numbers, perhaps in another notation

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("CET-D1", "kernel", parent, scrolls=True)
        self._channels = 1
        self.marks = TileMarks(lookup_table("CET-D1"), self._canvas)

    def set_kernels(self, kernels: Array) -> None:
        """Show kernels (depth, channels, k, k), which nobody writes to afterwards."""
        self._channels = kernels.shape[1]
        self.set_maps(kernels.reshape(-1, *kernels.shape[2:]))

    def set_marks(
        self, dead: Collection[int], saturated: Collection[int], locked: Collection[int]
    ) -> None:
        """Mark the kernels of some maps i."""
        self.marks.set_marks(*(self._of_maps(maps) for maps in (dead, saturated, locked)))

    def place(self, tile: int) -> tuple[int, int]:
        """Say which map i and channel j a tile is of, counted from 0."""
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
        i, j = self.place(tile)
        return f"kernel i {i + 1}, j {j + 1}"

    def _lay_out(self, space: tuple[float, float], ratio: float) -> tuple[TileLayout, TileLayout]:
        """Make each value some cells wide, so that the gap of one cell takes less of the room."""
        assert self._maps is not None
        count, height, width = self._maps.shape
        whole, broken = {}, {}
        for part in _PARTS:
            size = count, height * part, width * part
            rows = matrix(*size, self._channels, space, ratio) if self._channels > 1 else None
            if rows is not None:
                whole[part] = rows
            broken[part] = fill(*size, space, ratio), smallest(*size, space[0], ratio)
        found = whole or broken
        part = max(found, key=lambda part: (found[part][0].width * found[part][0].scale, part))
        return found[part]

    @property
    def _part(self) -> int:
        """Say how many cells of the picture a value is wide."""
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
            self.rewritten.emit()

    def _read(self) -> None:
        super()._read()
        if self._pointed is None and self._maps is not None and self.hasFocus():
            kernel = self._maps[self.current]
            self._readout.setText(
                f"{self._name(self.current)}: {short(float(kernel.min()), 3)} to "
                f"{short(float(kernel.max()), 3)}, norm {short(float(np.linalg.norm(kernel)), 3)}"
            )
