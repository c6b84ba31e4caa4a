"""ComparisonView: cross-correlation or convolution: a kernel as it is, and turned by 180°."""

import numpy as np
from PySide6.QtCore import QEasingCurve, Qt, QVariantAnimation, Slot
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QStyle, QVBoxLayout, QWidget

from engine.arrays import Array
from engine.explain.comparison import Comparison, compare
from gui.theme import GRID, set_muted
from gui.widgets.labelled import plain_label
from gui.widgets.mosaic import range_of
from gui.widgets.number_grid import NumberGrid
from gui.widgets.numbers import short

DURATION = 200  # ms
_TALL = 360  # px
_TALL_PLACES = ((1, 0), (0, 0), (1, 1), (0, 1), (0, 2))  # row and column of each grid then


class ComparisonView(QWidget):
    """Shows X ⋆ K and X ∗ K of one map and kernel, their difference, and the kernel's turn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kernel = TurningKernel()
        self.turned = NumberGrid("CET-D1")
        self.correlation, self.convolution = NumberGrid("viridis"), NumberGrid("viridis")
        self.difference = NumberGrid("CET-D1")
        self._titles = [plain_label() for _ in range(5)]
        self.words = plain_label()
        self.words.setObjectName("glass.comparison")
        self.words.setWordWrap(True)
        set_muted(self.words)
        for title in self._titles:
            set_muted(title)
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)
            title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._table = QGridLayout()
        self._table.setSpacing(GRID // 2)
        self._tall: bool | None = None
        self._arrange(tall=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(self._table, 1)
        column.addWidget(self.words)

    def show_pair(self, map_: Array, kernel: Array, map_name: str, kernel_name: str) -> None:
        """Compare both operations for a map (h, w) and a kernel (k, k) with their names."""
        found = compare(map_, kernel)
        both = range_of(np.stack([found.correlation, found.convolution]))
        self.kernel.show_kernel(found.kernel)
        for title, text in zip(
            self._titles,
            (
                f"{kernel_name}, turning",
                f"{map_name} ⋆ {kernel_name}",
                f"rot180({kernel_name})",
                f"{map_name} ∗ {kernel_name}",
                "difference",
            ),
            strict=True,
        ):
            title.setText(text)
        for grid, values, levels in (
            (self.turned, found.turned_kernel, None),
            (self.correlation, found.correlation, both),
            (self.convolution, found.convolution, both),
            (self.difference, found.difference, None),
        ):
            grid.set_values(values, levels)
        for title, grid in zip(self._titles[1:], self._grids(), strict=True):
            grid.setAccessibleName(title.text())
        self.words.setText(_words(found, map_name, kernel_name))

    def animate(self) -> None:
        """Turn the kernel, if the user's desktop wants things to move."""
        self.kernel.turn()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the kernels below the maps where there is the height for it."""
        super().resizeEvent(event)
        self._arrange(tall=event.size().height() >= _TALL)

    def _arrange(self, *, tall: bool) -> None:
        if tall == self._tall:
            return
        self._tall = tall
        grids = (self.kernel, *self._grids())
        for title, grid, place in zip(self._titles, grids, _TALL_PLACES, strict=True):
            row, column = place if tall else (0, grids.index(grid))
            self._table.addWidget(title, 2 * row, column)
            self._table.addWidget(grid, 2 * row + 1, column)
        for column in range(5):
            self._table.setColumnStretch(column, 1 if column < 3 or not tall else 0)
        self._table.setRowStretch(1, 1)
        self._table.setRowStretch(3, int(tall))

    def _grids(self) -> tuple[NumberGrid, ...]:
        return (self.correlation, self.turned, self.convolution, self.difference)


class TurningKernel(NumberGrid):
    """A kernel that can turn by 180°; when it has turned, it shows its turned values."""

    def __init__(self) -> None:
        super().__init__("CET-D1")
        self.setAccessibleName("The kernel, turned by 180°")
        self._kernel: Array = np.zeros((1, 1))
        self._picture: QPixmap | None = None
        self._angle = 0.0
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(180.0)
        self._animation.setDuration(DURATION)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._animation.valueChanged.connect(self._rotate)
        self._animation.finished.connect(self._settle)

    @property
    def turning(self) -> bool:
        """Whether it moves."""
        return self._picture is not None

    def show_kernel(self, kernel: Array) -> None:
        """Show a kernel (k, k) as it lies after the turn."""
        self._kernel = kernel
        if not self.turning:
            self.set_values(np.rot90(kernel, 2))

    def turn(self) -> None:
        """Turn from the kernel as it is; at once if the desktop wants nothing to move."""
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        if self.style().styleHint(hint, None, self) == 0:
            self._settle()
            return
        self.set_values(self._kernel)
        self._picture = self.grab()
        self._animation.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stop at once: the user wants to look."""
        super().enterEvent(event)
        self._settle()

    @Slot()
    def _settle(self) -> None:
        self._picture = None
        self._animation.stop()
        self.set_values(np.rot90(self._kernel, 2))

    def _rotate(self, angle: float) -> None:
        self._angle = float(angle)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the kernel, on its way round or at rest."""
        if self._picture is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(self.width() / 2, self.height() / 2)
        painter.rotate(self._angle)
        painter.translate(-self.width() / 2, -self.height() / 2)
        painter.drawPixmap(0, 0, self._picture)


def _words(found: Comparison, map_name: str, kernel_name: str) -> str:
    equal = np.allclose(found.convolution, found.turned_correlation, rtol=1e-9, atol=1e-12)
    largest = float(np.abs(found.difference).max())
    turn = f"{map_name} ∗ {kernel_name} = {map_name} ⋆ rot180({kernel_name})"
    proof = f"{turn}: {'equal in every cell' if equal else 'NOT equal here'}."
    if found.is_symmetric:
        return f"{proof} This kernel looks the same when turned, so ⋆ and ∗ are one."
    return (
        f"{proof} Without the turn they differ by up to {short(largest)}. The forward pass uses ⋆; "
        "the gradient of the input uses ∗."
    )
