"""ConvolutionPicture: a window zooms out of its map, meets the kernel, and gives one cell."""

from PySide6.QtCore import QEvent, QRect, QSize, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.array_types import format_shape
from engine.explain.convolution import Convolution, Step, Term
from gui.glass.rows import Part, make_sign, row_of, scale_side
from gui.glass.sum_line import WINDOW, SumLine
from gui.glass.titled_grid import TitledGrid
from gui.glass.written_sums import sum_of
from gui.theme import GRID
from gui.widgets.colour_scale import GREY, ColourMap, range_of
from gui.widgets.number_grid import GridFrame, NumberGrid
from gui.widgets.number_words import pretty
from gui.widgets.typesetting import resized

_TALL, _WIDE = 300, 800  # px; from here on numbers and sum are larger
_LARGEST = 120  # px a cell
_ALONE = 56  # px of a cell that is all of a window: the maps have the room that it does not need
_MAP = 5  # maps side by side have the width, where a window shall have room for its numbers
_LINES = 3  # in which products are written at most
_FEW = 49  # cells of a window at most whose numbers say more than a scale


class ConvolutionPicture(QWidget):
    """Shows a map with the window on it, the patch, the factors, their sum, and the result.

    `placed` asks for another cell of the result; `held` says that the user looks at the parts.
    """

    placed = Signal(int, int)
    held = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._convolution: Convolution | None = None
        self._step: Step | None = None
        self._front = 0  # the term whose maps are shown
        self.sheet = TitledGrid("glass.sheet", NumberGrid("viridis"), self)
        self.patch, self.factors = (
            TitledGrid(name, NumberGrid(largest=_LARGEST, writing="aligned"), self)
            for name in ("glass.patch", "glass.factors")
        )
        self.result = TitledGrid("glass.result", NumberGrid("viridis", browsable=True), self)
        self._signs = [make_sign(text, self) for text in ("·", "→")]
        self._parts = (self.sheet, self.patch, self.factors, self.result)
        self.line = SumLine(self._parts, self)
        self.sum = self.line.sum
        self.result.grid.hovered.connect(self.placed)
        self.sheet.grid.hovered.connect(self._point_at_sheet)
        for part in (self.patch, self.factors):
            part.grid.hovered.connect(self._point)
            part.grid.left.connect(self._leave)
        self.setMouseTracking(True)
        self.setMinimumSize(30 * GRID, 9 * GRID)

    def show_cell(
        self,
        convolution: Convolution,
        step: Step,
        front: int,
        *,
        of_image: bool = False,
        moves: bool = False,
    ) -> None:
        """Draw a cell of a result, with one of its terms; one that `moves` is seen to come about.

        `of_image` says that the inputs are those of the network.
        """
        self._convolution, self._step, self._front = convolution, step, front
        forward = step.equation in ("Y", "∂E/∂K")
        self._show_maps(
            step.terms[front],
            step,
            "CET-D1" if not forward else GREY if of_image else "viridis",
        )
        result = convolution.result(step.equation, step.index)
        name = pretty(convolution.name(step.equation, step.index))
        self.result.show_values(
            f"{name}  {format_shape(result.shape)}",
            result,
            "viridis" if step.equation == "Y" else "CET-D1",
            range_of(result),
        )
        self.result.grid.set_frames([GridFrame(step.row, step.column, 1, 1, WINDOW)])
        self.result.grid.set_current(step.row, step.column)
        self._place_soon()
        self.line.let_fall(moves)

    def _show_maps(self, term: Term, step: Step, maps: ColourMap) -> None:
        top, left, height, width = step.window
        over = range_of(term.sheet.map)
        name = f"{pretty(term.sheet.name)} {term.channel}".rstrip()
        words = f"{name}  {format_shape(term.sheet.map_shape)}"
        values, inserted = term.sheet.values, term.sheet.inserted
        self.sheet.show_values(words, values, maps, over, inserted=inserted)
        self.sheet.grid.set_frames([GridFrame(*step.window, WINDOW)])
        for part in (self.patch, self.factors):
            part.grid.set_largest(_ALONE if height * width == 1 else _LARGEST)
            part.grid.set_frames([])
        inserted = inserted[top : top + height, left : left + width]
        self.patch.show_values("window", term.patch, maps, over, inserted=inserted)
        turned = " ⟲180°" if term.turned else ""
        name = pretty(term.factors_name.removeprefix("rot180(").removesuffix(")"))
        self.factors.show_values(f"{name}{turned}", term.factors, "CET-D1")

    # --- where one points --------------------------------------------------------------------

    def _point_at_sheet(self, row: int, column: int) -> None:
        """Put the window where one points, with its middle nearest to the cell."""
        if self._convolution is not None and self._step is not None:
            self.placed.emit(*self._convolution.cell_near(self._step.equation, row, column))

    def _point(self, row: int, column: int) -> None:
        """Mark a value of the map, the weight that it meets, and their product."""
        if self._step is None:
            return
        window = self._step.window
        place = GridFrame(window.top + row, window.left + column, 1, 1, WINDOW, 1)
        self.sheet.grid.set_frames([GridFrame(*window, WINDOW), place])
        for part in (self.patch, self.factors):
            part.grid.set_frames([GridFrame(row, column, 1, 1, WINDOW)])
            part.read(row, column)
        self.line.mark((row, column))
        self.held.emit()

    def _leave(self) -> None:
        if self._step is not None:
            self.sheet.grid.set_frames([GridFrame(*self._step.window, WINDOW)])
        for part in (self.patch, self.factors):
            part.grid.set_frames([])
            part.name_it()
        self.line.mark(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark what the product under the pointer is made of."""
        cell = self.line.cell_at(event.position())
        if cell is None:
            self._leave()
        else:
            self._point(cell[0], cell[1])

    # --- arrangement -------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(60 * GRID, 40 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use larger letters where there is the room for them."""
        super().resizeEvent(event)
        self.line.setGeometry(self.rect())
        self._place_soon()

    def _place_soon(self) -> None:
        """Place all parts once, before they are painted, whatever changes until then."""
        QApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def event(self, event: QEvent) -> bool:
        """Place the parts when it is time."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place_parts()
        return super().event(event)

    def _place_parts(self) -> None:
        """Give every part the size of its cells, as large as they can be, and the sum its lines."""
        step = self._step
        if step is None:
            return
        tall, wide = self.height() >= _TALL, self.width() >= _WIDE
        large = tall and wide
        self.line.setFont(resized(self, 1.4 if large else 1.0))
        for sign in self._signs:
            sign.setFont(resized(self, 1.95 if tall else 1.2))
        count, side = step.terms[self._front].products.size, scale_side(self._parts, self.size())
        for part in (self.patch, self.factors):
            part.grid.set_scale("none" if count <= _FEW else side)
        for part in (self.sheet, self.result):
            longest = max(part.grid.values().shape)
            small = not wide and 1 < count <= _FEW
            part.grid.set_largest(max(2, self.width() // _MAP // longest) if small else _LARGEST)
            # From below, the sum comes into the result.
            part.grid.set_scale("right" if wide and part is self.result else side)
        for whole in (True, False):
            found = sum_of(step, self._front, whole=whole and count <= _FEW)
            self.sum.show_value(found, step, 2.6 if large else 1.7 if tall else 1.2)
            if self.line.lines_of(found) <= (_LINES if tall else 1):
                break
        room = QRect(0, 0, self.width(), self.height() - self.line.height_for(found) - 2 * GRID)
        dot, arrow = self._signs
        parts: list[Part] = [self.sheet, self.patch, dot, self.factors, arrow, self.result]
        end = row_of(parts, room, centred=True, gap=3 * GRID if large else GRID)
        self.line.show_sum(found, step, end + GRID)
