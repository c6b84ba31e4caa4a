"""KernelTurnView: cross-correlation or convolution: a kernel as it is, and turned by 180°."""

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from engine.array_types import Array
from engine.explain.convolution import KernelTurn, turn_kernel
from gui.glass.rows import Part, make_sign, row_of, scale_side
from gui.glass.titled_grid import TitledGrid
from gui.theme import GRID
from gui.widgets.colour_scale import range_of
from gui.widgets.labels import plain_label
from gui.widgets.layouts import FittingWidget, named
from gui.widgets.number_grid import NumberGrid
from gui.widgets.number_words import short

_TALL = 300  # px
_LARGEST = 72  # px a cell


class KernelTurnView(FittingWidget):
    """Shows what a kernel makes of a map as it is, and turned by 180°: X ⋆ K beside X ∗ K.

    Both kernels stand above what they make of the map, with the sign that holds between them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kernel, self.turned = self._kernel("glass.kernel"), self._kernel("glass.turned_kernel")
        self.correlation = self._map("glass.correlation")
        self.convolution = self._map("glass.convolution")
        self.difference = self._map("glass.difference")
        self.kernels_sign, self.maps_sign = (make_sign("≠", self) for _ in range(2))
        self.words = named(plain_label(muted=True, wraps=True), "glass.comparison")
        self.words.setParent(self)
        self.words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumSize(30 * GRID, 9 * GRID)

    def show_pair(self, map_: Array, kernel: Array, map_name: str, kernel_name: str) -> None:
        """Compare both operations for a map (h, w) and a kernel (k, k) with their names."""
        found = turn_kernel(map_, kernel)
        kernels = range_of(kernel)
        both = range_of(np.stack([found.correlation, found.turned_correlation]))
        self.kernel.show_values(kernel_name, kernel, "CET-D1", kernels)
        self.turned.show_values(f"rot180({kernel_name})", found.turned_kernel, "CET-D1", kernels)
        without, turned = f"{map_name} ⋆ {kernel_name}", f"{map_name} ∗ {kernel_name}"
        self.correlation.show_values(without, found.correlation, "viridis", both)
        self.convolution.show_values(turned, found.turned_correlation, "viridis", both)
        self.difference.show_values("difference", found.difference, "CET-D2")
        same_kernel = np.allclose(kernel, found.turned_kernel, rtol=1e-9, atol=1e-12)
        self.kernels_sign.setText("=" if same_kernel else "≠")
        self.maps_sign.setText("≠" if found.difference.any() else "=")
        self.words.setText(_words(found, map_name, kernel_name))
        self.fit()

    # --- arrangement -------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 40 * GRID)

    def fit(self) -> None:
        """Put the maps below the kernels where there is the height for it, else all in a row."""
        kernels: list[Part] = [self.kernel, self.kernels_sign, self.turned]
        maps: list[Part] = [self.correlation, self.maps_sign, self.convolution, self.difference]
        grids = (self.kernel, self.turned, self.correlation, self.convolution, self.difference)
        tall = self.height() >= _TALL
        for grid in grids:
            grid.grid.set_scale("below" if tall else scale_side(grids, self.size()))
        if not tall:
            lines = self.words.heightForWidth(self.width())
            room = self.rect().adjusted(0, 0, 0, -lines)
            row_of([*kernels, *maps], room, centred=True)
            self.words.setGeometry(0, self.height() - lines, self.width(), lines)
            return
        above = min(self.kernel.wanted_size(self.size()).height(), self.height() * 2 // 5)
        row_of(kernels, QRect(0, 0, self.width() * 2 // 3, above), gap=GRID)
        row_of(maps, QRect(0, above + GRID, self.width(), self.height() - above - GRID))
        left = self.turned.geometry().right() + 2 * GRID
        self.words.setGeometry(left, 0, self.width() - left, above)

    def _map(self, name: str) -> TitledGrid:
        return TitledGrid(name, NumberGrid("viridis", scale="below"), self)

    def _kernel(self, name: str) -> TitledGrid:
        grid = NumberGrid("CET-D1", largest=_LARGEST, writing="aligned", scale="below")
        return TitledGrid(name, grid, self)


def _words(found: KernelTurn, map_name: str, kernel_name: str) -> str:
    equal = np.allclose(found.convolution, found.turned_correlation, rtol=1e-9, atol=1e-12)
    turn = f"{map_name} ∗ {kernel_name} = {map_name} ⋆ rot180({kernel_name})"
    proof = f"{turn}: {'equal in every cell' if equal else 'NOT equal here'}."
    if found.is_symmetric:
        return f"{proof} This kernel looks the same when turned, so ⋆ and ∗ are one."
    largest = float(np.abs(found.convolution - found.correlation).max())
    return (
        f"{proof} Without rotating the kernel, the results differ by up to {short(largest)}. "
        "The forward pass uses ⋆; the gradient of the input uses ∗."
    )
