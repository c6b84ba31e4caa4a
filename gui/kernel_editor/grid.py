"""KernelGrid: the cells of a kernel, to be painted by dragging and filled in by typing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from engine.array_types import Array
from engine.model.kernel_operations import with_cells
from gui.widgets.number_grid import GridFrame, NumberGrid

KernelCell = tuple[int, int]

_CELL = 96  # px at most
_NUMBER_STARTS = "0123456789.,-−+"


class KernelGrid(NumberGrid):
    """Shows a kernel. A click or an arrow goes to a cell; dragging paints with the brush.

    A stroke is shown while it is drawn, and told when the button is let go; Esc gives it up. The
    right button or Space paints one cell, Del sets it to 0, and a digit begins to type its value.
    """

    moved = Signal()  # to another cell
    drawn = Signal(object)  # the kernel with the stroke that is being drawn
    painted = Signal(object)  # the cells of a stroke with their values: dict[Cell, float]
    typed = Signal(str)  # the first character of a value
    turned = Signal(int)  # so many kernels further

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("CET-D1", axes=True, browsable=True, largest=_CELL, parent=parent)
        self.brush = 1.0
        self._kernel: Array = self.values()
        self._pressed: KernelCell | None = None
        self._stroke: dict[KernelCell, float] = {}
        self.hovered.connect(self.go_to)  # by an arrow

    def show_kernel(self, kernel: Array) -> None:
        """Show a kernel (k, k); a stroke that has not ended is given up."""
        self._pressed, self._stroke, self._kernel = None, {}, kernel
        self.set_values(kernel)
        self._mark()

    def go_to(self, row: int, column: int) -> None:
        """Go to a cell."""
        self.set_current(row, column)
        self._mark()
        self.moved.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a cell, from which a stroke may begin; with the right button it has begun."""
        self._pressed = self.cell_at(event.position())
        if self._pressed is not None:
            self.go_to(*self._pressed)
            if event.button() == Qt.MouseButton.RightButton:
                self._paint(self._pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Paint the cells that the pointer is dragged over."""
        cell = self.cell_at(event.position())
        if self._pressed is None or cell is None or (cell == self._pressed and not self._stroke):
            return
        self._paint(self._pressed, cell)
        if cell != self.current:
            self.go_to(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a stroke."""
        stroke, self._pressed, self._stroke = self._stroke, None, {}
        if stroke:
            self.painted.emit(stroke)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Type the value of a cell."""
        if event.button() == Qt.MouseButton.LeftButton and self.cell_at(event.position()):
            self.chosen.emit(*self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paint, clear or type; PgUp and PgDn go to other kernels, arrows to other cells."""
        key, text = event.key(), event.text()
        if key == Qt.Key.Key_Escape and self._stroke:
            self.show_kernel(self._kernel)
            self.drawn.emit(self._kernel)
        elif key == Qt.Key.Key_Space:
            self.painted.emit({self.current: self.brush})
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.painted.emit({self.current: 0.0})
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif text and text in _NUMBER_STARTS:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def _paint(self, *cells: KernelCell) -> None:
        self._stroke.update(dict.fromkeys(cells, self.brush))
        kernel = with_cells(self._kernel, self._stroke)
        self.set_values(kernel)
        self.drawn.emit(kernel)

    def _mark(self) -> None:
        """Frame the cell that the keys are at so that it is seen on every colour."""
        row, column = self.current
        self.set_frames(
            [GridFrame(row, column, 1, 1, "white", 5), GridFrame(row, column, 1, 1, "black")]
        )
