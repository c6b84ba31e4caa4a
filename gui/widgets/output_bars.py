"""The outputs of a network for one image: a bar and a number for every class."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)

from engine.array_types import Array
from gui.theme import GRID, bolder
from gui.widgets.csv_table import csv_table
from gui.widgets.labels import elide_name
from gui.widgets.plot import Label, LabelAxis, Plot
from gui.widgets.plot_reading import paint_focus, speak
from gui.widgets.sample_names import PREDICTED, TRUE, ClassOutput, outputs_of
from gui.widgets.scales import Range

_TIGHT = 3  # px that the lowest row is higher than its figures
_ROOMY = 2 * GRID  # px that a row may be higher than its text
_GAP = 4  # px between two bars, at least
_HANDLE = 3  # px that the bar is wide which says that there are more rows
_NUMBER = "0.0000"  # there is always room for it
_BARS = 0.22  # of the width, which names leave to the bars


class OutputBars(Plot):
    """A row for each class: its marks, its name, a bar from zero, its number.

    The scale goes from 0 to 1, or as far as the outputs go. Where there is no room for all rows,
    whole rows are in view, and the predicted one comes there when it is another one; the wheel
    scrolls. Up, Down, Home and End read the rows.
    """

    def __init__(self) -> None:
        super().__init__("", "", left=LabelAxis("left", moves=False), right_moves=False)
        self._rows: list[ClassOutput] = []
        self._marked: list[int] = []  # the rows that are to be in view, the last one above all
        self._first = self._in_view = 0
        self._row_height = 1
        self._names_room = 0, 0  # px, and the width of all that they were for
        self._current: int | None = None
        self._drawn_tracks: tuple[object, ...] = ()
        self.setAccessibleName("Outputs of all classes; arrows read them")
        self.setMinimumSize(self.minimumSizeHint())
        self.removeAction(self.fit_action)
        self.plotItem.layout.setContentsMargins(0, 0, 0, 0)
        self.view.setMouseEnabled(x=False, y=False)
        self.view.invertY(True)
        self._tracks = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[])
        self._bars = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)
        for item in (self._tracks, self._bars):
            self.plotItem.addItem(item, ignoreBounds=True)
        self.keep_room(self._number_room())
        self.dress()

    def set_outputs(
        self, outputs: Array | None, classes: tuple[str, ...] = (), true: str | None = None
    ) -> None:
        """Show the outputs (classes,) with the names of the classes, or nothing.

        `true` is the true class, if it is known.
        """
        rows = outputs_of(outputs, classes, true)
        if rows == self._rows:
            return
        self._rows = rows
        self._draw()
        marked = [place for place, row in enumerate(rows) if row.true]
        marked += [place for place, row in enumerate(rows) if row.predicted]
        if marked != self._marked:
            self._marked = marked
            self._bring_into_view()
        self._read(self._current)

    def rows(self) -> list[ClassOutput]:
        """What is shown of each class."""
        return list(self._rows)

    def texts(self) -> list[str]:
        """What is written in each row, its marks first."""
        return [f"{row.caption()}  {row.number()}" for row in self._rows]

    def row_rect(self, row: int) -> QRectF:
        """Where a row lies in this widget, in px; outside if it is scrolled away."""
        top = (row - self._first) * self._row_height
        return QRectF(0, top, self.width(), self._row_height)

    def scroll_to(self, first: int) -> None:
        """Have another row as the first in view, as far as there are rows."""
        self._first = min(max(0, first), max(0, len(self._rows) - self._in_view))
        self._show_rows()

    def title(self) -> str:
        """What stands above a picture of the plot."""
        return "outputs"

    def table(self) -> bytes:
        """Write the outputs as CSV, a row a class."""
        rows = ((row.name, row.value, int(row.predicted), int(row.true)) for row in self._rows)
        return csv_table(["class", "output", "predicted", "true"], rows)

    def dress_items(self) -> None:
        """Give rows and bars the colours of the theme."""
        self._draw()

    def sizeHint(self) -> QSize:
        """Ask for ten rows."""
        return QSize(20 * GRID, 10 * (self.fontMetrics().height() + GRID))

    def minimumSizeHint(self) -> QSize:
        """Need three rows."""
        return least_size(self.fontMetrics())

    # --- events ------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Let the rows share another height."""
        super().resizeEvent(event)
        if event is not None and self.dressed:
            self._draw()
            self._bring_into_view()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by a row, where there are more than are in view."""
        if len(self._rows) > self._in_view:
            self.scroll_to(self._first + (-1 if event.angleDelta().y() > 0 else 1))
            event.accept()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the row under the pointer."""
        row = self._first + int(event.position().y() // self._row_height)
        self._read(row if row < len(self._rows) else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read the row before or after."""
        last = len(self._rows) - 1
        here = -1 if self._current is None else self._current
        goals = {
            Qt.Key.Key_Up: max(0, here - 1),
            Qt.Key.Key_Down: min(last, here + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() in goals and last >= 0:
            self._read(goals[Qt.Key(event.key())])
            self._bring_row_into_view(goals[Qt.Key(event.key())])
        else:
            event.ignore()

    def drawForeground(self, painter: QPainter, area: QRectF | None) -> None:
        """Draw the frame that says where the keys go, or around the row that they are at."""
        if self.hasFocus() and self._current is not None:
            paint_focus(painter, self.row_rect(self._current), self.palette())
        else:
            super().drawForeground(painter, area)
        handle = self.scroll_handle()
        if not handle.isEmpty():
            painter.fillRect(handle, QColor(self.colours.outline))

    def scroll_handle(self) -> QRectF:
        """Where a thin bar on the right says which rows are in view; empty if all are."""
        count, height = len(self._rows), self.height()
        if count <= self._in_view:
            return QRectF()
        top, share = self._first / count, self._in_view / count
        return QRectF(self.width() - _HANDLE, top * height, _HANDLE, share * height)

    # --- drawing -----------------------------------------------------------------------------

    def _draw(self) -> None:
        self._share_height()
        self._show_rows()

    def _draw_bars(self) -> None:
        """Draw the bars of the rows in view."""
        all_rows, colours = self._rows, self.colours
        rows = all_rows[self._first : self._first + self._in_view]
        values = np.array([row.value if np.isfinite(row.value) else 0.0 for row in rows])
        low, high = self._across()
        half = min(self._row_height - _GAP, 2 * GRID) / self._row_height / 2
        places = self._first + np.arange(len(rows))
        best = colours.wrong if any(row.wrong for row in all_rows) else colours.pinned
        # A frame around the true one, so that even a bar of no length is seen.
        framed = [row.true and not row.predicted for row in rows]
        tracks = low, high, self._first, half, framed, colours
        if tracks != self._drawn_tracks:
            self._drawn_tracks = tracks
            self._tracks.setOpts(
                x0=np.full(len(rows), low),
                x1=np.full(len(rows), high),
                y0=places - half,
                y1=places + half,
                brush=pg.mkBrush(colours.base),
                pen=None,
                pens=[pg.mkPen(colours.text if frame else None) for frame in framed] or None,
            )
        inks = [pg.mkBrush(best if row.predicted else colours.border) for row in rows]
        self._bars.setOpts(
            x0=np.minimum(values, 0.0),
            x1=np.maximum(values, 0.0),
            y0=places - half,
            y1=places + half,
            brushes=inks or None,
        )

    def _across(self) -> Range:
        """Show 0 to 1, or as far as the values go."""
        values = [row.value for row in self._rows if np.isfinite(row.value)]
        return float(min([0.0, *values])), float(max([1.0, *values]))

    def _show_rows(self) -> None:
        """Show the rows in view, with their bars, names and numbers."""
        self._draw_bars()
        height = self.height() / self._row_height
        top = self._first - 0.5
        self.set_home(self._across(), (top, top + height))
        names, numbers = list[Label](), list[Label]()
        # A name is cut where it leaves no room for bars.
        metrics = QFontMetrics(bolder(self.font()))
        room = int((1 - _BARS) * self.width()) - self._number_room()
        rows = self._rows[self._first :][: self._in_view]
        room -= max((metrics.horizontalAdvance(row.marks()) for row in rows), default=0)
        cut = [elide_name(row.name, metrics, room) for row in rows]
        for place, (row, name) in enumerate(zip(rows, cut, strict=True), self._first):
            ink = QColor(self.colours.wrong if row.wrong else self.colours.text)
            stands_out = row.predicted or row.true
            names.append(Label(str(place), place, row.marks() + name, ink, bold=stands_out))
            numbers.append(Label(str(place), place, row.number(), ink, bold=stands_out))
        self.left.set_labels(names)
        before, wide = self._names_room  # which stays while the width does, so that nothing jumps
        room = max(before if wide == self.width() else 0, self.left.room())
        self._names_room = room, self.width()
        self.left.setWidth(room)
        self.set_labels(numbers)
        self.plotItem.setGeometry(QRectF(self.rect()))  # wider, if former names needed more room

    def _number_room(self) -> int:
        room: int = self.fontMetrics().horizontalAdvance(_NUMBER) + GRID
        return room

    def _share_height(self) -> None:
        """Let the rows share the height, between tight and roomy; no row is cut."""
        metrics, count = self.fontMetrics(), max(1, len(self._rows))
        least = metrics.capHeight() + _TIGHT
        self._in_view = min(count, max(1, self.height() // least))
        room = self.height() // self._in_view
        self._row_height = min(max(room, least), metrics.height() + _ROOMY)
        self._first = min(self._first, max(0, len(self._rows) - self._in_view))

    def _bring_into_view(self) -> None:
        for row in self._marked:
            self._bring_row_into_view(row)

    def _bring_row_into_view(self, row: int) -> None:
        if row < self._first:
            self.scroll_to(row)
        elif row >= self._first + self._in_view:
            self.scroll_to(row - self._in_view + 1)

    def _read(self, row: int | None) -> None:
        """Have a row, or all of them, read aloud."""
        self._current = row if row is not None and row < len(self._rows) else None
        said = self._rows if self._current is None else [self._rows[self._current]]
        speak(self, "; ".join(each.sentence() for each in said))
        self.viewport().update()


def least_size(metrics: QFontMetrics) -> QSize:
    """Return the size that three rows need in a font."""
    text = metrics.horizontalAdvance(f"{PREDICTED}{TRUE} 88 {_NUMBER}")
    return QSize(max(15 * GRID, text + 5 * GRID), 3 * (metrics.capHeight() + _TIGHT))
