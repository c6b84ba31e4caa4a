"""ConvolutionPicture: the window on the map, what it covers, and the cell that comes of it."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from engine.array_types import format_shape
from engine.explain.convolution import Convolution, Index, Step, Term
from gui.glass.rows import Part, row_of, scale_side
from gui.glass.term_table import TermTable
from gui.glass.titled_grid import TitledGrid
from gui.theme import GRID, KIND_COLOURS
from gui.widgets.cell_layout import MOVES
from gui.widgets.colour_bar import Levels
from gui.widgets.equation_text import pretty
from gui.widgets.mosaic import ColourMap, range_of
from gui.widgets.number_grid import GridFrame, NumberGrid
from gui.widgets.plain_labels import plain_label

_TALL = 300  # px; from here on the parts stand below the maps
_LARGEST = 96  # px a cell
_ALONE = 56  # px of a cell that is all of a window: the maps have the room that it does not need
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

    Low, all stand in a row; high, the products stand below the maps. `placed` asks for another cell
    of the result, `stepped` for one so many rows and columns on; `held` says that the user looks at
    the parts.
    """

    placed = Signal(int, int)
    stepped = Signal(int, int)
    held = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell: PictureCell | None = None
        slid_over = _SlidOver("viridis", browsable=True, scale="right")
        slid_over.stepped.connect(self.stepped)
        self.sheet = TitledGrid("glass.sheet", slid_over, self)
        factors = NumberGrid(largest=_LARGEST, writing="aligned", scale="right")
        self.patch = TitledGrid(
            "glass.patch", NumberGrid(largest=_LARGEST, writing="aligned", scale="right"), self
        )
        self.factors = TitledGrid("glass.factors", factors, self)
        self.products = TitledGrid(
            "glass.products",
            NumberGrid(largest=_LARGEST, writing="summands", scale="right"),
            self,
        )
        result = NumberGrid("viridis", browsable=True, scale="right")
        self.result = TitledGrid("glass.result", result, self)
        self.terms = TermTable(self)
        self._signs = [self._sign(text) for text in ("×", "=", "→")]
        self._parts = (self.sheet, self.patch, self.factors, self.products, self.result)
        self._tall: bool | None = None
        self.result.grid.hovered.connect(self.placed)
        self.sheet.grid.hovered.connect(self._point_at_sheet)
        for part in (self.patch, self.factors, self.products):
            part.grid.hovered.connect(part.read)
            part.grid.hovered.connect(self.held)
            part.grid.left.connect(part.name_it)

    def show_cell(self, cell: PictureCell) -> None:
        """Draw one cell of a result."""
        self._cell = cell
        step, convolution = cell.step, cell.convolution
        term = step.terms[cell.term]
        maps: ColourMap = "viridis" if step.equation in ("Y", "∂E/∂K") else "CET-D1"
        over = range_of(term.sheet.map)
        name = f"{pretty(term.sheet.name)} {term.channel}".rstrip()
        self.sheet.show_values(
            f"{name}  {format_shape(term.sheet.map_shape)}",
            term.sheet.values,
            maps,
            over,
            inserted=term.sheet.inserted,
        )
        frame = GridFrame(*step.window, _WINDOW)
        self.sheet.grid.set_frames([frame])
        self.sheet.grid.set_current(
            frame.top + (frame.height - 1) // 2, frame.left + (frame.width - 1) // 2
        )
        self._show_parts(term, step, maps, over)
        self.terms.show_terms(step, cell.term)
        result = convolution.result(step.equation, step.index)
        name = pretty(convolution.name(step.equation, step.index))
        self.result.show_values(
            f"{name}  {format_shape(result.shape)}",
            result,
            "viridis" if step.equation == "Y" else "CET-D1",
            range_of(result),
        )
        self.result.grid.set_frames([GridFrame(step.row, step.column, 1, 1, _WINDOW)])
        self.result.grid.set_current(step.row, step.column)
        self._place_parts()

    def _show_parts(self, term: Term, step: Step, maps: ColourMap, over: Levels) -> None:
        top, left, height, width = step.window
        inserted = term.sheet.inserted[top : top + height, left : left + width]
        for part in (self.patch, self.factors, self.products):
            part.grid.set_largest(_ALONE if height * width == 1 else _LARGEST)
        self.patch.show_values("window", term.patch, maps, over, inserted=inserted)
        turned = " ⟲180°" if term.turned else ""
        name = pretty(term.factors_name.removeprefix("rot180(").removesuffix(")"))
        self.factors.show_values(f"{name}{turned}", term.factors, "CET-D1")
        # One scale for all cells of the result, so that a colour means the same everywhere.
        most = float(np.abs(over).max() * np.abs(term.factors).max())
        self.products.show_values("products", term.products, "CET-D1", (-most, most))

    # --- where one points --------------------------------------------------------------------

    def _point_at_sheet(self, row: int, column: int) -> None:
        """Put the window where one points, with its middle nearest to the cell."""
        if self._cell is not None:
            found = self._cell.convolution.cell_near(self._cell.step.equation, row, column)
            self.placed.emit(*found)

    # --- arrangement -------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 40 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(30 * GRID, 9 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the parts below the maps where there is the height for it."""
        super().resizeEvent(event)
        tall = event.size().height() >= _TALL
        for part in self._parts:
            part.grid.set_scale(scale_side(self._parts, event.size(), tall=tall))
        if tall != self._tall:
            self._tall = tall
            for part in (self.sheet, self.result):
                part.grid.set_axes(tall)
        self._place_parts()

    def _place_parts(self) -> None:
        """Give every part the size of its cells, as large as they can be."""
        cross, equals, arrow = self._signs
        numbers: list[Part] = [self.patch, cross, self.factors, equals, self.products]
        shows_terms = bool(self._tall) and self.terms.several
        arrow.setVisible(bool(self._tall) and not shows_terms)
        self.terms.setVisible(shows_terms)
        if not self._tall:
            row_of([self.sheet, *numbers, self.result], self.rect(), centred=True)
            return
        below = max(part.wanted_size(self.size()).height() for part in (self.patch, self.products))
        below = min(below, self.height() * 9 // 20)
        above = self.height() - below - GRID
        maps: list[Part] = [self.sheet, self.terms if shows_terms else arrow, self.result]
        used = row_of(maps, QRect(0, 0, self.width(), above))
        row_of(numbers, QRect(0, used + GRID, self.width(), self.height() - used - GRID))

    def _sign(self, text: str) -> QLabel:
        label = plain_label(text)
        label.setParent(self)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label


class _SlidOver(NumberGrid):
    """A map whose arrow keys move the window by one cell of the result, however far that is."""

    stepped = Signal(int, int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = MOVES.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(*move)
