"""ConvolutionPicture: the window on the map, what it covers, and the cell that comes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.arrays import Array, format_shape
from engine.explain.convolution import Convolution
from engine.explain.equations import Index
from engine.explain.sliding_window import Step, Term
from gui.glass.notation import RAISED, pretty
from gui.glass.term_table import TermTable
from gui.theme import GRID, KIND_COLOURS, set_muted
from gui.widgets.colour_bar import Levels
from gui.widgets.elision import elide
from gui.widgets.labelled import plain_label
from gui.widgets.mosaic import ColourMap, range_of
from gui.widgets.number_grid import MOVES, GridFrame, NumberGrid
from gui.widgets.numbers import short

_TALL = 420  # px; from here on the parts stand below the maps
_WINDOW = KIND_COLOURS["Dense"]


@dataclass(frozen=True, eq=False)
class PictureCell:
    """One cell of a result, with the convolution that it belongs to and the term in front."""

    convolution: Convolution
    step: Step
    term: int

    @property
    def index(self) -> Index:
        """Which result of the equation it is."""
        return self.step.index


class ConvolutionPicture(QWidget):
    """Shows a map with the window on it, the patch, the factors, the products, and the result.

    `placed` asks for another cell of the result, `stepped` for one so many rows and columns on;
    `held` says that the user looks at the parts.
    """

    placed = Signal(int, int)
    stepped = Signal(int, int)
    held = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell: PictureCell | None = None
        slid_over = _SlidOver("viridis", browsable=True)
        slid_over.stepped.connect(self.stepped)
        self.sheet = _Part("glass.sheet", slid_over)
        self.patch = _Part("glass.patch", NumberGrid("viridis"))
        self.factors = _Part("glass.factors", NumberGrid("viridis"))
        self.products = _Part("glass.products", NumberGrid("viridis"))
        self.result = _Part("glass.result", NumberGrid("viridis", browsable=True))
        self.terms = TermTable(self)
        self._parts = (self.sheet, self.patch, self.factors, self.products, self.result)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID)
        self._tall: bool | None = None
        self._arrange(tall=False)
        self.result.grid.hovered.connect(self._point_at_result)
        self.sheet.grid.hovered.connect(self._point_at_sheet)
        for part in (self.patch, self.factors, self.products):
            part.grid.hovered.connect(part.read)
            part.grid.hovered.connect(self.held)
            part.grid.left.connect(part.forget_cell)

    def show_cell(self, cell: PictureCell) -> None:
        """Draw one cell of a result."""
        self._cell = cell
        step, convolution = cell.step, cell.convolution
        term = step.terms[cell.term]
        maps: ColourMap = "viridis" if step.equation in ("Y", "∂E/∂K") else "CET-D1"
        over = range_of(term.sheet.map)
        self.sheet.show_values(
            f"{pretty(term.sheet.name)}  {format_shape(term.sheet.map_shape)}",
            term.sheet.values,
            maps,
            over,
            term.sheet.inserted,
        )
        frame = _frame(step)
        self.sheet.grid.set_frames([frame])
        self.sheet.grid.set_current(
            frame.top + (frame.height - 1) // 2, frame.left + (frame.width - 1) // 2
        )
        self._show_parts(term, step, maps, over)
        self.terms.show_terms(step, cell.term)
        self.terms.setVisible(bool(self._tall) and self.terms.several)
        result = convolution.result(step.equation, step.index)
        name = pretty(convolution.name(step.equation, step.index))
        self.result.show_values(
            f"{name}  {format_shape(result.shape)}",
            result,
            "viridis" if step.equation == "Y" else "CET-D1",
            range_of(result),
        )
        self.result.grid.set_frames([GridFrame(step.row, step.column, 1, 1, _WINDOW, 2)])
        self.result.grid.set_current(step.row, step.column)

    def _show_parts(self, term: Term, step: Step, maps: ColourMap, over: Levels) -> None:
        top, left, height, width = step.window
        inserted = term.sheet.inserted[top : top + height, left : left + width]
        self.patch.show_values("window", term.patch, maps, over, inserted)
        turned = " ⟲180°" if term.turned else ""
        name = pretty(term.factors_name.removeprefix("rot180(").removesuffix(")"))
        self.factors.show_values(
            f"× {name}{turned}", term.factors, "CET-D1", range_of(term.factors)
        )
        self.products.show_values("= products", term.products, "CET-D1", range_of(term.products))

    # --- where one points --------------------------------------------------------------------

    def _point_at_result(self, row: int, column: int) -> None:
        self.placed.emit(row, column)

    def _point_at_sheet(self, row: int, column: int) -> None:
        """Put the window where one points, with its middle nearest to the cell."""
        if self._cell is not None:
            found = self._cell.convolution.cell_near(self._cell.step.equation, row, column)
            self.placed.emit(*found)

    # --- arrangement -------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the parts below the maps where there is the height for it."""
        super().resizeEvent(event)
        self._arrange(tall=event.size().height() >= _TALL)

    def _arrange(self, *, tall: bool) -> None:
        if tall == self._tall:
            return
        self._tall = tall
        for part in self._parts:
            self._grid.removeWidget(part)
        self._grid.removeWidget(self.terms)
        self.terms.setVisible(tall and self.terms.several)
        if tall:
            self._grid.addWidget(self.sheet, 0, 0, 1, 2)
            self._grid.addWidget(self.terms, 0, 2, 1, 2)
            self._grid.addWidget(self.result, 0, 4, 1, 2)
            for place, part in enumerate((self.patch, self.factors, self.products)):
                self._grid.addWidget(part, 1, 2 * place, 1, 2)
        else:
            for place, part in enumerate(self._parts):
                self._grid.addWidget(part, 0, place)
        for column in range(6):
            self._grid.setColumnStretch(column, 1 if tall or column < 5 else 0)
        self._grid.setRowStretch(0, 3)
        self._grid.setRowStretch(1, 2 if tall else 0)
        for part in (self.sheet, self.result):
            part.grid.set_axes(tall)


class _SlidOver(NumberGrid):
    """A map whose arrow keys move the window by one cell of the result, however far that is."""

    stepped = Signal(int, int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = MOVES.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(*move)


class _Part(QWidget):
    """A grid under its name."""

    def __init__(self, name: str, grid: NumberGrid) -> None:
        super().__init__()
        self.grid = grid
        self.grid.setObjectName(name)
        self.title = plain_label()
        set_muted(self.title)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.grid, 1)

    def show_values(
        self,
        words: str,
        values: Array,
        colours: ColourMap,
        levels: Levels,
        inserted: NDArray[np.bool_] | None = None,
    ) -> None:
        """Show an array in some colours, under these words; zeros that were put in are hatched."""
        self._words = words
        self.title.setToolTip(words)
        self.grid.setAccessibleName(words)
        self.grid.set_colour_map(colours)
        self.grid.set_values(values, levels, inserted)
        self.forget_cell()

    def read(self, row: int, column: int) -> None:
        """Write the value of a cell in place of the name."""
        value = float(self.grid.values()[row, column])
        self.title.setText(f"[{row + 1}, {column + 1}] {short(value, 6)}")

    def forget_cell(self) -> None:
        """Write the name again, with the power of ten that the numbers are written without."""
        exponent = self.grid.exponent()
        factor = f" ·10{str(exponent).translate(RAISED)}" if exponent else ""
        metrics = self.title.fontMetrics()
        room = self.width() - metrics.horizontalAdvance(factor)
        words = elide(self._words, metrics, room)
        self.title.setText(words + factor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what holds for the numbers that fit now."""
        super().resizeEvent(event)
        self.forget_cell()


def _frame(step: Step) -> GridFrame:
    top, left, height, width = step.window
    return GridFrame(top, left, height, width, _WINDOW, 2)
