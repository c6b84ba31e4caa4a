"""KernelTurnView: cross-correlation or convolution: a kernel as it is, and turned by 180°."""

import math

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QSlider, QWidget

from engine.array_types import Array
from engine.explain.convolution import HALF_TURN, KernelTurn, turn_kernel
from gui.glass.rows import Part, row_of, scale_side
from gui.glass.titled_grid import TitledGrid
from gui.theme import GRID
from gui.widgets.colour_scale import range_of
from gui.widgets.labels import plain_label
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_grid import NumberGrid
from gui.widgets.number_words import short

_TALL = 300  # px
_LARGEST = 72  # px a cell


class KernelTurnView(QWidget):
    """Shows what a kernel makes of a map as it is, and turned: X ⋆ K beside X ∗ K.

    A slider turns the kernel on the right; at 180° that is the convolution.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: tuple[Array, Array, str, str] | None = None
        self.pictures = ComparisonPictures()
        slider = QSlider(Qt.Orientation.Horizontal)
        self.angle = named(slider, "glass.angle", "Degrees by which the kernel is turned")
        self.angle.setRange(0, HALF_TURN)
        self.angle.setPageStep(HALF_TURN // 4)
        self.angle.setValue(HALF_TURN)
        self.said = named(plain_label(muted=True), "glass.turned")
        turn = plain_label("turn K", muted=True)
        turning = in_row(turn, (self.angle, 1), self.said, gap=GRID)
        in_column((self.pictures, 1), turning, of=self)
        self.angle.valueChanged.connect(self._show)

    def show_pair(self, map_: Array, kernel: Array, map_name: str, kernel_name: str) -> None:
        """Compare both operations for a map (h, w) and a kernel (k, k) with their names."""
        self._pair = (map_, kernel, map_name, kernel_name)
        self._show()

    @Slot()
    def _show(self) -> None:
        if self._pair is None:
            return
        map_, kernel, *names = self._pair
        found = turn_kernel(map_, kernel, self.angle.value())
        self.pictures.show_comparison(found, *names)
        self.said.setText(f"{found.angle}°")


class ComparisonPictures(QWidget):
    """Both kernels above what they make of the map, and the sign that holds between them."""

    def __init__(self) -> None:
        super().__init__()
        kernel = NumberGrid("CET-D1", largest=_LARGEST, writing="aligned", scale="below")
        self.kernel = TitledGrid("glass.kernel", kernel, self)
        self._turning = TurningKernel()
        self.turned = TitledGrid("glass.turned_kernel", self._turning, self)
        self.correlation = self._map("glass.correlation")
        self.convolution = self._map("glass.convolution")
        self.difference = self._map("glass.difference")
        self.kernels_sign, self.maps_sign = (self._sign() for _ in range(2))
        self.words = named(plain_label(muted=True, wraps=True), "glass.comparison")
        self.words.setParent(self)
        self.words.setAlignment(Qt.AlignmentFlag.AlignVCenter)

    def show_comparison(self, found: KernelTurn, map_name: str, kernel_name: str) -> None:
        """Show both results; `found` says how far the kernel on the right is turned."""
        right = {0: kernel_name, HALF_TURN: f"rot180({kernel_name})"}
        right_name = right.get(found.angle, f"{kernel_name} turned by {found.angle}°")
        result = f"{map_name} ⋆ {right_name}"
        if found.angle == HALF_TURN:
            result = f"{map_name} ∗ {kernel_name}"
        kernels = range_of(found.kernel)
        both = range_of(np.stack([found.correlation, found.turned_correlation]))
        self.kernel.show_values(kernel_name, found.kernel, "CET-D1", kernels)
        rests = found.angle in right
        values = found.turned_kernel if rests else found.kernel
        self.turned.show_values(right_name, values, "CET-D1", kernels)
        self._turning.set_angle(0 if rests else found.angle)
        correlation = f"{map_name} ⋆ {kernel_name}"
        self.correlation.show_values(correlation, found.correlation, "viridis", both)
        self.convolution.show_values(result, found.turned_correlation, "viridis", both)
        self.difference.show_values("difference", found.difference, "CET-D2")
        same_kernel = np.allclose(found.kernel, found.turned_kernel, rtol=1e-9, atol=1e-12)
        self.kernels_sign.setText("=" if same_kernel else "≠")
        self.maps_sign.setText("≠" if found.difference.any() else "=")
        self.words.setText(_words(found, map_name, kernel_name))
        self._place_parts()

    # --- arrangement -------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 40 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(30 * GRID, 9 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_parts()

    def _place_parts(self) -> None:
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

    def _sign(self) -> QLabel:
        label = plain_label("≠")
        label.setParent(self)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label


class TurningKernel(NumberGrid):
    """A kernel on its way round: it is drawn turned by an angle."""

    def __init__(self) -> None:
        super().__init__("CET-D1", largest=_LARGEST, writing="aligned", scale="below")
        self.setAccessibleName("The kernel, turned")
        self._angle = 0

    def set_angle(self, angle: int) -> None:
        """Draw the values turned by so many degrees."""
        self._angle = angle
        self.update()

    def paint_cells(self, painter: QPainter, area: QRectF) -> None:
        """Draw the cells turned, and as much smaller as keeps their corners inside."""
        angle = math.radians(self._angle)
        smaller = 1 / (abs(math.cos(angle)) + abs(math.sin(angle)))
        centre = self.cells().area.center()
        painter.save()
        painter.translate(centre)
        painter.rotate(self._angle)
        painter.scale(smaller, smaller)
        painter.translate(-centre)
        super().paint_cells(painter, area)
        painter.restore()


def _words(found: KernelTurn, map_name: str, kernel_name: str) -> str:
    equal = np.allclose(found.convolution, found.half_turned, rtol=1e-9, atol=1e-12)
    turn = f"{map_name} ∗ {kernel_name} = {map_name} ⋆ rot180({kernel_name})"
    proof = f"{turn}: {'equal in every cell' if equal else 'NOT equal here'}."
    if found.is_symmetric:
        return f"{proof} This kernel looks the same when turned, so ⋆ and ∗ are one."
    largest = float(np.abs(found.convolution - found.correlation).max())
    return (
        f"{proof} Without rotating the kernel, the results differ by up to {short(largest)}. "
        "The forward pass uses ⋆; the gradient of the input uses ∗."
    )
